/// Drives the real runner with a real Python, as a controller would, without a cluster. Started by
/// root it drops to the user of a pod (65534), because root's rights would hide what the sandbox
/// does.
///
/// ONESHOT_TEST_PYTHON chooses the interpreter (default /usr/bin/python3), ONESHOT_TEST_PRELOAD
/// what the parity tests preload (default nothing); with the packages of the image both cover what
/// runs really use.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/protocol/messages.h"

namespace oneshot::runner {

inline constexpr uid_t kPodUser = 65534;

/// A directory that the runner's user may write, removed with its contents at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::string& Path() const { return path_; }

 private:
  std::string path_;
};

/// In the environment in which a Snapshot is taken.
inline constexpr const char* kSecretOfTheBuild = "known-to-the-machine-that-builds-only";

/// A snapshot of the interpreter under test, taken as the image's build does it. The environment is
/// part of it, and so is the code directory: runners that use it must run one after the other.
class Snapshot {
 public:
  /// `modules`: what is imported in it, with commas between.
  explicit Snapshot(const std::string& modules);
  std::string Path() const { return outside_.Path() + "/snapshot"; }
  const std::string& CodeDirectory() const { return code_.Path(); }

 private:
  TemporaryDirectory code_;
  TemporaryDirectory outside_;
};

struct Setup {
  std::string preload;
  std::string python;    ///< empty: the one under test
  bool is_pid_1{false};  ///< in a PID namespace of its own; needs root
  /// Whether records are acknowledged as they are read, as a controller does after its commits.
  bool acknowledges{true};
  /// Whether the runner's stderr goes anywhere; else it is a pipe that soon is full.
  bool reads_complaints{true};
  /// What a file on the runner's stdin holds; empty: a pipe.
  std::string stdin_file;
  /// Null: none. Its code directory is used.
  const Snapshot* snapshot{nullptr};
  /// "NAME=value", on top of what every runner gets.
  std::vector<std::string> environment{};
};

/// Everything a run left behind.
struct RunResult {
  std::vector<protocol::Record> records;
  protocol::Finished finished;
  std::string out;
  std::string err;
  int exit_status{-1};
  std::string complaints;  ///< the runner's own stderr
  std::string termination_message;

  /// Records of one kind, in the order they came; repeated ones too.
  template <typename T>
  std::vector<T> All() const {
    std::vector<T> found;
    for (const auto& record : records) {
      if (const T* match = std::get_if<T>(&record)) found.push_back(*match);
    }
    return found;
  }

  /// The pieces of all Output records.
  std::vector<protocol::Piece> Pieces() const;
};

class RunnerProcess {
 public:
  explicit RunnerProcess(Setup setup = {});
  ~RunnerProcess();
  RunnerProcess(const RunnerProcess&) = delete;
  RunnerProcess& operator=(const RunnerProcess&) = delete;

  void Send(const protocol::Command& command);
  void SendRaw(std::string_view bytes);
  void CloseStdin();
  void CloseStdout();

  /// Reads records until one of kind T has come; fails the test when none does in time.
  template <typename T>
  void WaitFor() {
    const std::size_t kind = protocol::Record(T{}).index();
    ReadUntil(kind);
  }

  /// Reads records until the program's output so far contains `text`.
  void WaitForOutput(std::string_view text);

  /// Reads one more record; false at the end of the stream. Records that come again must be the
  /// same, and must follow each other.
  bool ReadRecord();
  const protocol::Record& LastRecord() const { return result_.records.back(); }

  /// Reads to the end, waits for the process and checks what holds for every run: numbering,
  /// totals, checksum.
  RunResult Finish();

  /// Waits until the program's end has reached the termination log, without reading anything.
  void WaitForTerminationMessage() const;

  /// What is in the termination log now.
  std::string TerminationMessage() const;

  pid_t Pid() const { return pid_; }
  const std::string& CodeDirectory() const {
    return snapshot_ != nullptr ? snapshot_->CodeDirectory() : directory_.Path();
  }

 private:
  void ReadUntil(std::size_t kind);
  void Check(const protocol::Record& record);
  void Number(std::int64_t seq);

  const Snapshot* snapshot_;
  TemporaryDirectory directory_;
  TemporaryDirectory
      outside_;  ///< what the program does not see as its own: termination log, the runner's stderr
  pid_t pid_{-1};
  int stdin_{-1};
  int stdout_{-1};
  int stderr_{-1};
  std::string unread_;
  const bool acknowledges_;
  std::int64_t next_seq_{0};
  /// What was printed and shown.
  std::map<std::int64_t, protocol::Record> numbered_;
  RunResult result_;
};

/// A run of `source` with generous limits; tests change what they are about.
protocol::RunCommand Program(std::string source);

/// Sends the command as soon as the runner is ready and returns what came of it.
RunResult Execute(const protocol::RunCommand& command, Setup setup = {});
RunResult Execute(std::string source);

/// Waits until the process has ended, whoever reaps it; false when it does not.
bool HasEnded(pid_t pid);

/// Waits until no child of the process is alive; false when some stay.
bool HasNoChildren(pid_t pid);

/// The interpreter under test.
std::string PythonUnderTest();

/// In the child after fork: becomes the pod's user if the test runs as root.
void DropPrivileges();

}  // namespace oneshot::runner
