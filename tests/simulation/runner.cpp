#include "tests/simulation/runner.h"

#include <utility>

#include "core/base/sha256.h"
#include "core/protocol/codec.h"

namespace oneshot::simulation {

using protocol::Reason;

Runner::Runner(World& world, Oracle& oracle, std::string name, Handlers handlers)
    : world_(world), oracle_(oracle), name_(std::move(name)), handlers_(std::move(handlers)) {}

void Runner::After(std::chrono::nanoseconds pause, std::function<void(Runner&)> act) {
  world_.After(pause, [weak = weak_from_this(), act = std::move(act)] {
    const auto runner = weak.lock();
    if (runner && runner->is_alive_) act(*runner);
  });
}

void Runner::Boot() {
  const Milliseconds preload(10 + world_.choices.Scaled(Chooser::kRunner, 1'000));
  After(preload, [](Runner& runner) {
    if (!runner.execution_) runner.Say(protocol::Ready{.python = "3.11.2"});
  });
}

void Runner::OnLine(std::string_view line) {
  if (!is_alive_ || is_ending_) return;
  const auto command = protocol::DecodeCommand(line);
  if (!command) return;
  if (const auto* run = std::get_if<protocol::RunCommand>(&*command)) {
    if (!execution_) Begin(*run);
  } else if (std::holds_alternative<protocol::CancelCommand>(*command) && execution_) {
    execution_->was_stopped = true;
    End(Reason::kCancelled, 130);
  }
}

void Runner::Begin(const protocol::RunCommand& run) {
  run_id_ = run.run_id;
  world_.Note(name_, "begins " + run_id_ + ", attempt " + std::to_string(run.attempt));
  execution_ = oracle_.OnBegin(run.run_id, run.attempt);
  execution_->program = Program::FromSource(run.source, run.limits.wall_ms);
  Say(protocol::Started{.run_id = run.run_id, .attempt = run.attempt});
  const Program& program = execution_->program;
  Milliseconds at{0};
  for (int i = 0; i < program.pieces; ++i) {
    at += Milliseconds(1 + world_.choices.Scaled(Chooser::kRunner, 300));
    After(at, [i](Runner& runner) { runner.Print(i); });
  }
  if (program.hangs) {
    After(Milliseconds(program.wall_ms),
          [](Runner& runner) { runner.End(Reason::kWallTimeExceeded, 124); });
  } else {
    at += Milliseconds(1 + world_.choices.Scaled(Chooser::kRunner, 300));
    After(at, [code = program.exit_code](Runner& runner) { runner.End(Reason::kExited, code); });
  }
}

void Runner::Print(int index) {
  if (is_ending_) return;
  std::string data = execution_->Piece(index);
  kept_.push_back(data);
  Say(protocol::Output{.stream = protocol::Stream::kStdout,
                       .seq = std::ssize(kept_) - 1,
                       .ms = index,
                       .data = std::move(data)});
}

void Runner::End(Reason reason, int exit_code) {
  if (std::exchange(is_ending_, true)) return;
  protocol::Finished finished{.reason = reason};
  if (execution_) {
    finished.run_id = run_id_;
    finished.attempt = execution_->attempt;
    if (reason == Reason::kWallTimeExceeded) execution_->ended = domain::RunStatus::kTimedOut;
    if (reason == Reason::kExited) {
      finished.exit_code = exit_code;
      execution_->ended =
          exit_code == 0 ? domain::RunStatus::kSucceeded : domain::RunStatus::kFailed;
    }
  }
  finished.records = std::ssize(kept_);
  base::Sha256 hash;
  for (const std::string& each : kept_) hash.Update(each);
  finished.sha256 = hash.HexDigest();
  std::string line = protocol::Encode(protocol::Record(finished));
  line.pop_back();
  world_.Note(name_, "has ended: " + std::string(ToString(reason)));
  handlers_.on_line(line);
  After(Milliseconds(2), [line, exit_code](Runner& runner) {
    runner.is_alive_ = false;
    runner.handlers_.on_exit(exit_code, line);
  });
}

void Runner::Terminate() {
  if (!is_alive_ || is_ending_) return;
  if (execution_) execution_->was_stopped = true;
  End(Reason::kRunnerError, 125);
}

void Runner::Die() {
  if (execution_) execution_->is_excused = true;
  is_alive_ = false;
}

void Runner::Say(const protocol::Record& record) {
  std::string line = protocol::Encode(record);
  line.pop_back();
  handlers_.on_line(std::move(line));
}

void NoteRequest(std::string_view bytes, Oracle& oracle) {
  const auto command = protocol::DecodeCommand(bytes.substr(0, bytes.find('\n')));
  if (!command) return;
  if (const auto* run = std::get_if<protocol::RunCommand>(&*command))
    oracle.OnRequestWritten(run->run_id, run->attempt);
}

}  // namespace oneshot::simulation
