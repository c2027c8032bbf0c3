// The part of Session that listens: to the controller on the container's stdin, to the bootstrap
// inside Python.

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "core/protocol/codec.h"
#include "images/python/runner/files.h"
#include "images/python/runner/landlock.h"
#include "images/python/runner/session.h"

namespace oneshot::runner {
namespace {

using protocol::Reason;

/// Of stdin. Twice the longest command: the first one and its successor always fit.
constexpr std::size_t kMostUnread = 2 * protocol::kMaxCommandLine;

std::vector<std::string> Split(std::string_view names) {
  std::vector<std::string> found;
  while (!names.empty()) {
    const auto comma = std::min(names.find(','), names.size());
    found.emplace_back(names.substr(0, comma));
    names.remove_prefix(std::min(comma + 1, names.size()));
  }
  return found;
}

}  // namespace

void Session::ReadCommands() {
  const CommandReader::Batch batch = commands_.Read();
  for (std::size_t i = 0; i < batch.too_long; ++i) Complain("ignored a line that is too long");
  for (const std::string& line : batch.lines) {
    if (phase_ == Phase::kEnded) return;
    auto command = protocol::DecodeCommand(line);
    if (command) {
      std::visit([this](auto& message) { Handle(std::move(message)); }, *command);
    } else {
      Complain("ignored a line: " + command.error().message);
    }
  }
  if (!batch.is_at_end || phase_ == Phase::kEnded) return;
  are_commands_at_end_ = true;
  poller_.Forget(STDIN_FILENO);
  outbox_.IgnoreWindow();
  if (phase_ == Phase::kHolding) return Leave();
  // A run under way goes on; who reads the output can't acknowledge it.
  if (!run_) Stop(Reason::kCancelled, "stdin ended before a run came");
}

void Session::Handle(const protocol::FileCommand& part) {
  if (run_ || HasFinished()) return;  // repeated
  if (const base::Status taken = files_.Take(part); !taken) Complain(taken.error().message);
}

void Session::Handle(protocol::RunCommand run) {
  if (run_ && run_->run_id == run.run_id && run_->attempt == run.attempt) return;  // repeated
  if (run_) return Complain("refused a second run");
  if (HasFinished()) return Complain("refused a run: it came too late");
  run_ = std::move(run);
  const std::string path = options_.code_dir + "/main.py";
  if (!WriteReadOnlyFile(path, run_->source)) {
    return Stop(Reason::kRunnerError, Failure(path).message);
  }
  // Whoever sends it sent them before, on the same line.
  if (files_.Bytes() != run_->file_bytes)
    return Stop(Reason::kRunnerError, "not all of the run's files could be written");
  if (phase_ == Phase::kWaiting) BeginRun();
}

void Session::Handle(const protocol::StdinCommand& command) {
  if (MayTakeStdin(command.seq, command.data.size())) {
    ++next_stdin_seq_;
    if (phase_ == Phase::kRunning) {
      input_->Append(command.data);
      input_->Flush();
    } else if (!HasBegun() && run_->stdin_open) {
      run_->stdin_data += command.data;
    }
  }
  outbox_.AnswerStdin(next_stdin_seq_);
}

void Session::Handle(const protocol::StdinEofCommand& command) {
  if (MayTakeStdin(command.seq, /*length=*/0)) {
    ++next_stdin_seq_;
    run_->stdin_open = false;
    if (phase_ == Phase::kRunning) {
      input_->End();
      input_->Flush();
    }
  }
  outbox_.AnswerStdin(next_stdin_seq_);
}

bool Session::MayTakeStdin(std::int64_t seq, std::size_t length) const {
  if (!run_ || seq != next_stdin_seq_) return false;
  // Too much that the program has left unread: whoever sends it has to try again. After the end
  // everything is taken, and goes nowhere.
  if (phase_ == Phase::kRunning) return input_->Waiting() + length <= kMostUnread;
  return HasBegun() || run_->stdin_data.size() + length <= kMostUnread;
}

void Session::Handle(const protocol::CancelCommand&) { Stop(Reason::kCancelled, "cancelled"); }

void Session::Handle(const protocol::AckCommand& command) {
  if (!outbox_.Acknowledge(command.seq)) Complain("ignored an ack of what was never sent");
  if (outbox_.IsFinishedAcknowledged()) phase_ = Phase::kEnded;
}

void Session::Handle(const protocol::ResumeCommand& command) {
  const bool was_sent = run_ ? outbox_.Resume(command.seq, run_->run_id, run_->attempt)
                             : outbox_.Resume(command.seq, /*run_id=*/"", /*attempt=*/0);
  if (!was_sent) Complain("resumed from the beginning: what was asked for was never sent");
  if (outbox_.IsFinishedAcknowledged()) phase_ = Phase::kEnded;
}

void Session::ReadControl() {
  using Kind = BootstrapMessage::Kind;
  auto messages = interpreter_->Receive();
  if (interpreter_->exit_watch) {
    poller_.Watch(Source::kExits, interpreter_->exit_watch.Get(), EPOLLIN);
  }
  for (BootstrapMessage& message : messages) {
    switch (message.kind) {
      case Kind::kUnfiltered:
        sandbox_.seccomp = false;
        Complain("programs run without a system call filter: " + message.text);
        break;
      case Kind::kSnapshot:
        snapshot_ = std::move(message.text);
        break;
      case Kind::kPreloaded:
        preloaded_ = Split(message.text);
        break;
      case Kind::kFailed:
        bootstrap_failure_ = std::move(message.text);
        break;
      case Kind::kReady:
        if (phase_ != Phase::kPreloading) break;
        restore_deadline_.reset();
        outbox_.Say(protocol::Ready{
            std::move(message.text), preloaded_,
            base::MillisecondsBetween(launched_at_, std::chrono::steady_clock::now()), snapshot_,
            sandbox_});
        phase_ = Phase::kWaiting;
        if (run_) BeginRun();
        break;
    }
  }
}

ProgramStart Session::StartOf(const protocol::RunCommand& run) const {
  const bool may_use_scratch = run.scratch_bytes > 0;
  ProgramStart start{.is_restricted = !may_use_scratch && LandlockAbi() > 0,
                     .environment = options_.program_environment,
                     .args = run.args,
                     .display_scale = run.display_scale};
  if (may_use_scratch) start.environment.push_back("TMPDIR=" + options_.scratch_dir);
  if (output_files_)
    start.environment.push_back("ONESHOT_OUTPUT=" + output_files_->OutputDirectory());
  return start;
}

void Session::BeginRun() {
  // Python waits in silence for `Begin`: whatever lies in the pipes now is the preload's, not the
  // program's.
  ReadOutput(protocol::Stream::kStdout);
  ReadOutput(protocol::Stream::kStderr);

  if (run_->scratch_bytes > 0) {
    const auto largest_file = static_cast<rlim_t>(run_->scratch_bytes);
    const rlimit limit{largest_file, largest_file};
    prlimit(interpreter_->Pid(), RLIMIT_FSIZE, &limit, nullptr);
    scratch_used_at_start_ = UsedBytes(options_.scratch_dir);
    output_files_.emplace(options_.code_dir);
  }
  usage_.Begin(interpreter_->Pid());
  recorder_.emplace(run_->limits.output_bytes, outbox_);
  if (run_->display_scale > 0) {
    displays_.emplace(run_->limits.display_bytes);
    poller_.Watch(Source::kDisplays, interpreter_->displays.Get(), EPOLLIN);
  } else {
    interpreter_->displays.Reset();
  }
  started_at_ = std::chrono::steady_clock::now();
  const bool begun = interpreter_->Begin(StartOf(*run_));
  phase_ = Phase::kRunning;
  wall_deadline_ = started_at_ + std::chrono::milliseconds(run_->limits.wall_ms);
  next_check_ = started_at_;
  if (!begun) return;  // its end is on the way and tells more

  outbox_.Say(protocol::Started{run_->run_id, run_->attempt});
  input_->Append(run_->stdin_data);
  if (!run_->stdin_open) input_->End();
  input_->Flush();
}

}  // namespace oneshot::runner
