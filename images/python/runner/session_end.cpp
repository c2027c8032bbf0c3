// The part of Session that ends the run: stopping the program, the last record, the exit status.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>

#include "core/protocol/codec.h"
#include "images/python/runner/files.h"
#include "images/python/runner/processes.h"
#include "images/python/runner/session.h"

namespace oneshot::runner {
namespace {

using protocol::Reason;

/// What a process that outlives its parent may still write. The run ends with its main process, as
/// in a shell without pipes; this much grace lets the last words of a child that is ending too come
/// through.
constexpr std::chrono::milliseconds kGrace{150};

/// How long what is unsent may take when nobody has acknowledged it in time.
constexpr std::chrono::milliseconds kLastWords{5000};

/// The same when the container is told to stop; less than the pod's grace period.
constexpr std::chrono::milliseconds kLastWordsWhenStopping{500};

/// Room in the termination message for everything but `message`.
constexpr std::size_t kLongestMessage = 2048;

// Exit statuses for what has none of its own; those of timeout(1), docker(1) and the shell.
constexpr int kExitTimedOut = 124;
constexpr int kExitRunnerError = 125;
constexpr int kExitSignalBase = 128;

/// What a restored bootstrap says of itself.
constexpr std::string_view kRestored = "restored";

int ExitStatus(const protocol::Finished& finished) {
  switch (finished.reason) {
    case Reason::kExited:
      return finished.exit_code.value_or(0);
    case Reason::kWallTimeExceeded:
    case Reason::kCpuTimeExceeded:
    case Reason::kStdinIdleExceeded:
      return kExitTimedOut;
    case Reason::kCancelled:
      return finished.run_id.empty() ? 0 : kExitSignalBase + SIGINT;
    case Reason::kTerminated:
      return kExitSignalBase + SIGTERM;
    case Reason::kRunnerError:
      return kExitRunnerError;
    case Reason::kSignaled:
    case Reason::kProcessLimitExceeded:
    case Reason::kOutOfMemory:
      break;
  }
  return kExitSignalBase + finished.signal.value_or(SIGKILL);
}

}  // namespace

void Session::Stop(Reason reason, std::string message) {
  if (phase_ >= Phase::kDraining) return;  // the program was faster
  if (!stop_reason_) {
    stop_reason_ = reason;
    message_ = std::move(message);
  }
  wall_deadline_.reset();
  next_check_.reset();
  if (phase_ == Phase::kRunning) usage_.SampleMemory();
  KillDescendants();
}

void Session::ReadExits() {
  const auto notice = ReceiveExit(interpreter_->exit_watch);
  if (!notice) return;
  if (!interpreter_->IsClosed()) ReadControl();
  if (!IsLastOfTheRun(*notice)) return LetExit(interpreter_->exit_watch, *notice);

  // It stands still inside its last system call and is alone: what is in the pipes is all there
  // will ever be.
  while (ReadOutput(protocol::Stream::kStdout)) {
  }
  while (ReadOutput(protocol::Stream::kStderr)) {
  }
  usage_.AddEnding(interpreter_->Pid());
  wait_status_ = W_EXITCODE(notice->exit_code, 0);
  ended_at_ = std::chrono::steady_clock::now();
  Finish();
}

bool Session::IsLastOfTheRun(const ExitNotice& notice) const {
  return phase_ == Phase::kRunning && !stop_reason_ && interpreter_->IsClosed() &&
         notice.thread == interpreter_->Pid() && usage_.Tasks() == 1;
}

void Session::HandleProgramEnd(int status) {
  if (phase_ == Phase::kPreloading || phase_ == Phase::kWaiting) {
    ReadControl();
    if (stop_reason_) return FinishWithoutProgram(*stop_reason_, message_);
    if (interpreter_->origin() == Interpreter::Origin::kSnapshot) {
      // Refused, or it crashed: the packages are imported as anywhere, once.
      // What failed before it could say so, for one because there is no restorer, says why itself.
      if (!bootstrap_failure_.empty()) snapshot_ = "refused: " + bootstrap_failure_;
      if (snapshot_.empty() || snapshot_ == kRestored)
        snapshot_ = "crashed: it ended with wait status " + std::to_string(status);
      Complain("started without the snapshot: " + snapshot_);
      bootstrap_failure_.clear();
      phase_ = Phase::kPreloading;
      return StartInterpreter(Interpreter::Origin::kPython);
    }
    const std::string why = bootstrap_failure_.empty()
                                ? "it ended with wait status " + std::to_string(status)
                                : bootstrap_failure_;
    return FinishWithoutProgram(Reason::kRunnerError, "Python could not be started: " + why);
  }
  if (phase_ != Phase::kRunning) return;
  if (!interpreter_->IsClosed()) ReadControl();
  wait_status_ = status;
  ended_at_ = std::chrono::steady_clock::now();
  wall_deadline_.reset();
  next_check_.reset();
  phase_ = Phase::kDraining;
  drain_deadline_ = ended_at_ + kGrace;
  if (!interpreter_->stdout_pipe && !interpreter_->stderr_pipe) Finish();
}

void Session::FinishWithoutProgram(Reason reason, std::string message) {
  protocol::Finished finished;
  finished.reason = reason;
  finished.message = std::move(message);
  Publish(std::move(finished));
}

void Session::Finish() {
  recorder_->Finish();
  protocol::Finished finished = Outcome();
  // A container that is told to stop has no time for what is not the result.
  if (output_files_ && !is_container_stopping_) finished.dropped_output_files = SendOutputFiles();
  Publish(std::move(finished));
}

int Session::SendOutputFiles() {
  KillDescendants();  // which would go on to change them
  const std::int64_t ms = base::MillisecondsBetween(started_at_, ended_at_);
  const bool is_alone = getpid() == 1;
  return output_files_->Collect(
      run_->outputs, run_->limits.output_file_bytes,
      is_alone ? OutputFiles::Others::kAreRemoved : OutputFiles::Others::kStay,
      [this, ms](protocol::Display file) { recorder_->Show(std::move(file), ms); });
}

protocol::Finished Session::Outcome() {
  protocol::Finished finished;
  if (WIFEXITED(wait_status_)) {
    finished.reason = Reason::kExited;  // also when it was to be stopped and was faster
    finished.exit_code = WEXITSTATUS(wait_status_);
  } else {
    finished.signal = WTERMSIG(wait_status_);
    finished.reason = stop_reason_.value_or(Reason::kSignaled);
    finished.message = message_;
  }
  if (usage_.HasOutOfMemoryKill() && !stop_reason_) {
    if (finished.signal == SIGKILL) finished.reason = Reason::kOutOfMemory;
    finished.message = "the kernel ended a process of the run because the memory limit was reached";
  }
  if (!bootstrap_failure_.empty()) {
    finished.reason = Reason::kRunnerError;
    finished.exit_code.reset();
    finished.message = bootstrap_failure_;
  }
  finished.wall_ms = base::MillisecondsBetween(
      started_at_ + std::chrono::duration_cast<Time::duration>(input_wait_), ended_at_);
  finished.cpu_ms = std::chrono::duration_cast<std::chrono::milliseconds>(usage_.Cpu()).count();
  finished.peak_memory_bytes = usage_.PeakMemoryBytes();
  if (displays_) finished.dropped_displays = displays_->dropped();
  return finished;
}

void Session::Publish(protocol::Finished finished) {
  if (run_) {
    finished.run_id = run_->run_id;
    finished.attempt = run_->attempt;
  }
  if (!recorder_) recorder_.emplace(/*output_limit_bytes=*/0, outbox_);
  recorder_->Summarize(finished);
  finished.seq = outbox_.NextSeq();
  // JSON may need six bytes for one.
  finished.message.resize(std::min(finished.message.size(), kLongestMessage / 6));
  const std::string line = protocol::Encode(finished);
  outbox_.KeepFinished(line);
  outbox_.Flush();  // before anything that takes time
  if (termination_log_ && line.size() <= protocol::kMaxTerminationMessage) {
    // Without its file the container still has the record in its log.
    [[maybe_unused]] const ssize_t written =
        write(termination_log_.Get(), line.data(), line.size());
  }
  exit_status_ = ExitStatus(finished);
  LetGoOfProgram();

  phase_ = Phase::kHolding;
  const auto hold = run_ ? run_->result_hold_ms : protocol::RunCommand{}.result_hold_ms;
  end_deadline_ = std::chrono::steady_clock::now() + std::chrono::milliseconds(hold);
  if (!run_ || are_commands_at_end_ || is_container_stopping_) Leave();
}

void Session::LetGoOfProgram() {
  KillDescendants();
  interpreter_.reset();
  input_.reset();
  recorder_.reset();
  output_files_.reset();
  for (auto* deadline : {&wall_deadline_, &next_check_, &drain_deadline_, &flush_deadline_}) {
    deadline->reset();
  }
  if (run_)
    *run_ = {
        .run_id = run_->run_id, .attempt = run_->attempt, .result_hold_ms = run_->result_hold_ms};
}

void Session::Leave() {
  phase_ = Phase::kLeaving;
  outbox_.IgnoreWindow();
  // A reader that can't acknowledge may be slow: it has as long as an acknowledgement would have.
  if (!are_commands_at_end_ || is_container_stopping_) {
    const Time soon = std::chrono::steady_clock::now() +
                      (is_container_stopping_ ? kLastWordsWhenStopping : kLastWords);
    end_deadline_ = std::min(end_deadline_.value_or(soon), soon);
  }
  FlushRecords();
}

}  // namespace oneshot::runner
