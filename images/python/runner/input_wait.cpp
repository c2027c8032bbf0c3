#include "images/python/runner/input_wait.h"

#include <sys/ioctl.h>
#include <sys/syscall.h>

#include <filesystem>
#include <string>
#include <system_error>

#include "images/python/runner/files.h"

namespace oneshot::runner {

bool IsReadingStdin(pid_t pid) {
  // Number and arguments of the system call that a thread is in (proc(5), /proc/pid/syscall).
  static const std::string kReadsStdin = std::to_string(SYS_read) + " 0x0 ";
  std::error_code gone;
  std::filesystem::directory_iterator thread("/proc/" + std::to_string(pid) + "/task", gone);
  // The process may go at any moment; a range-based loop would throw then.
  for (; !gone && thread != std::filesystem::directory_iterator(); thread.increment(gone)) {
    const auto call = ReadSmallFile(thread->path().string() + "/syscall");
    if (call && call->starts_with(kReadsStdin)) return true;
  }
  return false;
}

bool IsPipeEmpty(int fd) {
  int bytes = 0;
  return ioctl(fd, FIONREAD, &bytes) == 0 && bytes == 0;
}

}  // namespace oneshot::runner
