/// The runner's one run, from preloading Python until its result is stored: an event loop on one
/// thread and the state machine it drives. What came before a state can't come back, and the
/// process ends with the session.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/protocol/messages.h"
#include "images/python/runner/command_reader.h"
#include "images/python/runner/display.h"
#include "images/python/runner/exit_watch.h"
#include "images/python/runner/file_inbox.h"
#include "images/python/runner/interpreter.h"
#include "images/python/runner/options.h"
#include "images/python/runner/outbox.h"
#include "images/python/runner/output_files.h"
#include "images/python/runner/poller.h"
#include "images/python/runner/recorder.h"
#include "images/python/runner/sandbox.h"
#include "images/python/runner/unique_fd.h"
#include "images/python/runner/usage.h"
#include "images/python/runner/write_queue.h"

namespace oneshot::runner {

class Session {
 public:
  explicit Session(Options options);

  /// Serves one run. Returns the exit status of the container; see README.md, "Exit status".
  int Run();

 private:
  using Time = base::MonotonicTime;

  enum class Phase {
    /// Python imports; a run may already have come.
    kPreloading,
    /// Python waits for a run.
    kWaiting,
    kRunning,
    /// The program ended; what it left in the pipes is read.
    kDraining,
    /// `finished` has been said; Python is gone. Waits until it is acknowledged.
    kHolding,
    /// Nobody will acknowledge any more: writes what is unsent.
    kLeaving,
    kEnded,
  };

  // The loop (session.cpp).
  void Prepare();
  /// Starts Python and listens to it; in place of one that ended before it was ready.
  void StartInterpreter(Interpreter::Origin origin);
  void HandleSource(Source source);
  std::optional<std::chrono::milliseconds> TimeToNextDeadline() const;
  void HandleDeadlines();
  void CheckLimits();
  /// Has the clock of the wall time limit stand while the program waits for a person.
  void CheckInputWait();
  void FlushRecords();
  void RecordGathered();
  void WatchWaitingOutputs();
  /// Reads once; returns false when there was nothing to read.
  bool ReadOutput(protocol::Stream stream);
  /// Reads what lies in the pipes; but no more than fits into them, so that it ends.
  void DrainOutput();
  void ReadDisplay();
  void ReadSignals();
  void ReapChildren();

  // What is said to us (session_control.cpp).
  void ReadCommands();
  void Handle(const protocol::FileCommand& part);
  void Handle(protocol::RunCommand run);
  void Handle(const protocol::StdinCommand& command);
  void Handle(const protocol::StdinEofCommand& command);
  void Handle(const protocol::CancelCommand& command);
  void Handle(const protocol::AckCommand& command);
  void Handle(const protocol::ResumeCommand& command);
  /// Whether stdin with this number and length is to be taken now.
  bool MayTakeStdin(std::int64_t seq, std::size_t length) const;
  void ReadControl();
  ProgramStart StartOf(const protocol::RunCommand& run) const;
  void BeginRun();

  // The end (session_end.cpp).
  void Stop(protocol::Reason reason, std::string message);
  void ReadExits();
  bool IsLastOfTheRun(const ExitNotice& notice) const;
  void HandleProgramEnd(int status);
  void Finish();
  void FinishWithoutProgram(protocol::Reason reason, std::string message);
  protocol::Finished Outcome();
  /// Puts the files that come back behind the output; returns how many were left out.
  int SendOutputFiles();
  void Publish(protocol::Finished finished);
  void LetGoOfProgram();
  void Leave();

  bool HasBegun() const { return phase_ >= Phase::kRunning; }
  bool HasFinished() const { return phase_ >= Phase::kHolding; }

  const Options options_;
  Poller poller_;
  CommandReader commands_;
  FileInbox files_;
  Outbox outbox_;
  UniqueFd signals_;
  UniqueFd termination_log_;
  std::optional<Interpreter> interpreter_;
  /// Started by the event that is being handled.
  bool is_interpreter_new_{false};
  Usage usage_;
  Phase phase_{Phase::kPreloading};

  std::vector<std::string> preloaded_;
  /// As in protocol::Ready.
  std::string snapshot_;
  protocol::Sandbox sandbox_ = DescribeSandbox();
  std::string bootstrap_failure_;
  std::optional<protocol::RunCommand> run_;
  std::optional<WriteQueue> input_;
  std::optional<Recorder> recorder_;
  std::optional<Displays> displays_;
  /// With scratch space.
  std::optional<OutputFiles> output_files_;
  std::int64_t next_stdin_seq_{0};
  bool are_commands_at_end_{false};

  Time launched_at_{};
  Time started_at_{};
  Time ended_at_{};
  Time flushed_at_{};
  /// For a restored Python to be ready.
  std::optional<Time> restore_deadline_;
  std::optional<Time> wall_deadline_;
  /// Since the program was last seen to wait for input; and for how long it has in all.
  std::optional<Time> input_awaited_since_;
  std::chrono::steady_clock::duration input_wait_{0};
  std::optional<Time> next_check_;
  std::optional<Time> drain_deadline_;
  std::optional<Time> flush_deadline_;
  /// Of kHolding and kLeaving.
  std::optional<Time> end_deadline_;
  bool is_drain_forced_{false};
  std::int64_t scratch_used_at_start_{0};

  std::optional<protocol::Reason> stop_reason_;
  bool is_container_stopping_{false};
  std::string message_;
  int wait_status_{0};
  int exit_status_{0};
};

}  // namespace oneshot::runner
