#include "images/python/runner/exit_watch.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <span>

#include "images/python/runner/descriptor_message.h"

namespace oneshot::runner {
namespace {

struct Watched {
  pid_t process;
  UniqueFd watch;
};

/// A process that exits with 7 once it is told to, and the watch of its exits.
Watched StartWatched() {
  std::array<int, 2> ends{};
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  const pid_t process = fork();
  if (process == 0) {
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    char byte = 0;
    {
      const UniqueFd watch = WatchExits();
      SendWithDescriptor(ends[1], std::span(&byte, 1), watch.Get());
    }
    _exit(7);
  }
  const UniqueFd ours(ends[0]);
  close(ends[1]);
  Watched watched{process, UniqueFd()};
  pollfd readable{.fd = ours.Get(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&readable, 1, 10'000), 1);
  char byte = 0;
  EXPECT_EQ(ReceiveWithDescriptor(ours.Get(), std::span(&byte, 1), watched.watch), 1);
  return watched;
}

void AwaitEvent(const UniqueFd& watch) {
  pollfd event{.fd = watch.Get(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&event, 1, 10'000), 1);
}

TEST(ExitWatch, TellsOfAnExitBeforeItHappens) {
  Watched watched = StartWatched();
  if (!watched.watch) GTEST_SKIP() << "this kernel has no such thing";
  AwaitEvent(watched.watch);
  const auto notice = ReceiveExit(watched.watch);
  ASSERT_TRUE(notice);
  EXPECT_EQ(notice->thread, watched.process);
  EXPECT_EQ(notice->exit_code, 7);
  int status = 0;
  EXPECT_EQ(waitpid(watched.process, &status, WNOHANG), 0) << "it waits for the answer";
  LetExit(watched.watch, *notice);
  EXPECT_EQ(waitpid(watched.process, &status, 0), watched.process);
  EXPECT_EQ(WEXITSTATUS(status), 7);
}

// Review finding S9: an event that is no call led to a receive that blocked for ever, and one that
// stays would keep the runner busy.
TEST(ExitWatch, EndsWithTheLastProcess) {
  Watched watched = StartWatched();
  if (!watched.watch) GTEST_SKIP() << "this kernel has no such thing";
  kill(watched.process, SIGKILL);
  int status = 0;
  EXPECT_EQ(waitpid(watched.process, &status, 0), watched.process);
  AwaitEvent(watched.watch);
  EXPECT_FALSE(ReceiveExit(watched.watch));
  EXPECT_FALSE(watched.watch);
}

}  // namespace
}  // namespace oneshot::runner
