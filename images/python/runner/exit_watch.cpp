#include "images/python/runner/exit_watch.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstddef>

namespace oneshot::runner {

UniqueFd WatchExits() {
  // The other filter has refused foreign architectures already.
  std::array<sock_filter, 4> filter = {{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog program{filter.size(), filter.data()};
  return UniqueFd(static_cast<int>(
      syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program)));
}

std::optional<ExitNotice> ReceiveExit(UniqueFd& watch) {
  // The call that receives would wait for a caller who was killed.
  pollfd caller{.fd = watch.Get(), .events = POLLIN, .revents = 0};
  if (poll(&caller, 1, 0) != 1) return std::nullopt;
  if ((caller.revents & POLLIN) == 0) {
    if ((caller.revents & POLLHUP) != 0) watch.Reset();
    return std::nullopt;
  }
  seccomp_notif notification{};
  if (ioctl(watch.Get(), SECCOMP_IOCTL_NOTIF_RECV, &notification) != 0) return std::nullopt;
  return ExitNotice{notification.id, static_cast<pid_t>(notification.pid),
                    static_cast<int>(notification.data.args[0] & 0xff)};
}

void LetExit(const UniqueFd& watch, const ExitNotice& notice) {
  seccomp_notif_resp response{};
  response.id = notice.id;
  response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
  ioctl(watch.Get(), SECCOMP_IOCTL_NOTIF_SEND, &response);  // fails only when the caller is gone
}

}  // namespace oneshot::runner
