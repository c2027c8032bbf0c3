// A program that waits for a person: its wall time stands still, within a limit of its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "tests/runner/runner_process.h"

namespace oneshot::runner {
namespace {

using protocol::Reason;
using testing::HasSubstr;

protocol::RunCommand Asking(const std::string& source, std::int64_t wall_ms, std::int64_t idle_ms) {
  protocol::RunCommand command = Program(source);
  command.stdin_open = true;
  command.limits.wall_ms = wall_ms;
  command.stdin_idle_ms = idle_ms;
  return command;
}

TEST(RunnerInputWait, DoesNotSpendTheWallTime) {
  RunnerProcess runner;
  runner.Send(Asking(R"(
import time
begin = time.monotonic()
print(input('name? '))
assert time.monotonic() - begin > 1
)",
                     /*wall_ms=*/2'000, /*idle_ms=*/60'000));
  runner.WaitForOutput("name? ");
  // Longer than the program may run; a person would take longer.
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(2'600);
  std::this_thread::sleep_until(end);  // it is time itself that is tested
  runner.Send(protocol::StdinCommand{0, "Ada\n"});
  const RunResult result = runner.Finish();
  EXPECT_EQ(result.finished.reason, Reason::kExited) << result.finished.message;
  EXPECT_EQ(result.out, "name? Ada\n");
  EXPECT_LT(result.finished.wall_ms, 2'600) << "what it waited is not counted";
}

TEST(RunnerInputWait, HasALimitOfItsOwn) {
  const RunResult result = Execute(Asking("input()", /*wall_ms=*/60'000, /*idle_ms=*/300));
  EXPECT_EQ(result.finished.reason, Reason::kStdinIdleExceeded);
  EXPECT_THAT(result.finished.message, HasSubstr("no input for 0.300 s"));
  EXPECT_EQ(result.exit_status, 124);
}

TEST(RunnerInputWait, IsNotWhatAProgramDoesThatComputesOrSleeps) {
  for (const char* source : {"while True: pass", "import time; time.sleep(60)"}) {
    const RunResult result = Execute(Asking(source, /*wall_ms=*/500, /*idle_ms=*/60'000));
    EXPECT_EQ(result.finished.reason, Reason::kWallTimeExceeded) << source;
  }
}

TEST(RunnerInputWait, EndsWithTheInput) {
  RunnerProcess runner;
  runner.Send(Asking("import sys; print(len(sys.stdin.read()))", 60'000, 60'000));
  runner.WaitFor<protocol::Started>();
  runner.Send(protocol::StdinCommand{0, "abc"});
  runner.Send(protocol::StdinEofCommand{1});
  EXPECT_EQ(runner.Finish().out, "3\n");
}

}  // namespace
}  // namespace oneshot::runner
