/// The Python process: starting it, and the small private conversation with the bootstrap inside it
/// (images/python/bootstrap/sitecustomize.py), which ends before the program's first line runs.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "images/python/runner/options.h"
#include "images/python/runner/unique_fd.h"

namespace oneshot::runner {

/// What the bootstrap says.
struct BootstrapMessage {
  enum class Kind {
    /// Text: a module that was imported.
    kPreloaded,
    /// Text: Python's version; the bootstrap now waits for the request and is silent.
    kReady,
    /// Text: why this interpreter can't run anything.
    kFailed,
  };
  Kind kind{Kind::kFailed};
  std::string text;
};

class Interpreter {
 public:
  /// Forks, enters the sandbox and executes Python, which preloads and waits. Errors: kUnavailable
  /// - no process or no pipes to be had. What fails after the fork comes as kFailed.
  static base::Result<Interpreter> Start(const Options& options);

  pid_t Pid() const { return pid_; }
  int ControlFd() const { return control_.Get(); }

  /// The runner writes to it.
  UniqueFd stdin_pipe;
  /// The runner reads it without blocking, and so stderr_pipe.
  UniqueFd stdout_pipe;
  UniqueFd stderr_pipe;
  /// See exit_watch.h; absent where the kernel has no such thing.
  UniqueFd exit_watch;

  /// What has been said since the last call. `IsClosed` turns true when nothing will follow.
  std::vector<BootstrapMessage> Receive();
  bool IsClosed() const { return !control_; }

  /// Tells the bootstrap that a request has come, so that it stops after the module it is
  /// importing.
  void StopPreloading();

  /// Lets the program begin. To be called once, after kReady. False when the interpreter is gone.
  bool Begin(bool may_use_scratch, const std::vector<std::string>& args);

 private:
  pid_t pid_{-1};
  UniqueFd control_;
  std::string unread_;
};

}  // namespace oneshot::runner
