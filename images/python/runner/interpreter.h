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
    /// Text: why there is no system call filter, where the policy allows that.
    kUnfiltered,
    /// Text: "restored", or why the snapshot was refused; a refusal ends the process.
    kSnapshot,
    /// Text: the modules that were imported, with commas between.
    kPreloaded,
    /// Text: Python's version; the bootstrap now waits for the request and is silent.
    kReady,
    /// Text: why this interpreter can't run anything.
    kFailed,
  };
  Kind kind{Kind::kFailed};
  std::string text;
};

/// What the program finds when it begins.
struct ProgramStart {
  /// Nothing is writable, see landlock.h.
  bool is_restricted{true};
  /// "NAME=value".
  std::vector<std::string> environment;
  /// Behind "main.py".
  std::vector<std::string> args;
  /// As protocol::RunCommand's.
  double display_scale{0};
};

class Interpreter {
 public:
  /// What becomes of the process: Python, which preloads and waits, or the restorer, which goes on
  /// as the Python that the snapshot holds.
  enum class Origin { kPython, kSnapshot };

  /// Forks, enters the sandbox and executes. Errors: kUnavailable - no process or no pipes to be
  /// had. What fails after the fork comes as kFailed.
  static base::Result<Interpreter> Start(const Options& options, Origin origin);

  pid_t Pid() const { return pid_; }
  Origin origin() const { return origin_; }
  int ControlFd() const { return control_.Get(); }

  /// The runner writes to it.
  UniqueFd stdin_pipe;
  /// The runner reads it without blocking, and so stderr_pipe.
  UniqueFd stdout_pipe;
  UniqueFd stderr_pipe;
  /// See display_channel.h.
  UniqueFd displays;
  /// See exit_watch.h; absent where the kernel has no such thing.
  UniqueFd exit_watch;

  /// What has been said since the last call. `IsClosed` turns true when nothing will follow.
  std::vector<BootstrapMessage> Receive();
  bool IsClosed() const { return !control_; }

  /// Lets the program begin. To be called once, after kReady. False when the interpreter is gone.
  bool Begin(const ProgramStart& start);

 private:
  pid_t pid_{-1};
  Origin origin_{Origin::kPython};
  UniqueFd control_;
  std::string unread_;
};

}  // namespace oneshot::runner
