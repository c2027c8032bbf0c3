#include "tests/simulation/runner.h"

#include <optional>
#include <unordered_map>
#include <utility>
#include <variant>

#include "core/protocol/codec.h"

namespace oneshot::simulation {

using protocol::Reason;

namespace {

/// What a line to a runner means; null: nothing. There are few different ones, and reading JSON
/// costs more than most of what a schedule does, so they are remembered.
const protocol::Command* Decode(std::string_view line) {
  constexpr std::size_t kMostRemembered = 10'000;
  thread_local std::unordered_map<std::string, std::optional<protocol::Command>> remembered;
  if (remembered.size() > kMostRemembered) remembered.clear();
  const auto [place, is_new] = remembered.try_emplace(std::string(line));
  if (is_new) {
    if (auto command = protocol::DecodeCommand(line)) place->second = *std::move(command);
  }
  return place->second ? &*place->second : nullptr;
}

}  // namespace

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
    if (!runner.execution_) runner.Say({test::ModelRunner::ReadyLine()});
  });
}

void Runner::OnLine(std::string_view line) {
  if (!is_alive_ || is_leaving_) return;
  const protocol::Command* const command = Decode(line);
  if (command == nullptr) return;
  test::ModelRunner::Answer answer = protocol_.On(*command);
  Say(std::move(answer.lines));
  if (answer.begins) Begin();
  if (answer.cancels) {
    execution_->was_stopped = true;
    End(Reason::kCancelled, 130);
  }
  if (answer.leaves) {
    world_.Note(name_, "leaves");
    Leave(0);
  }
}

void Runner::Begin() {
  const protocol::RunCommand& run = protocol_.run();
  world_.Note(name_, "begins " + run.run_id + ", attempt " + std::to_string(run.attempt));
  execution_ = oracle_.OnBegin(run.run_id, run.attempt);
  if (lies_) Excuse();
  execution_->program = Program::FromSource(run.source, run.limits.wall_ms);
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
  if (!end_.empty()) return;
  Say({protocol_.Print(execution_->Piece(index))});
}

void Runner::End(Reason reason, int exit_code) {
  if (!end_.empty()) return;
  if (reason == Reason::kWallTimeExceeded) execution_->ended = domain::RunStatus::kTimedOut;
  if (reason == Reason::kExited) {
    execution_->ended = exit_code == 0 ? domain::RunStatus::kSucceeded : domain::RunStatus::kFailed;
  }
  world_.Note(name_, "has ended: " + std::string(ToString(reason)));
  end_ = protocol_.End(reason, reason == Reason::kExited ? std::optional(exit_code) : std::nullopt);
  Say({end_});
  After(Milliseconds(protocol_.run().result_hold_ms), [exit_code](Runner& runner) {
    runner.world_.Note(runner.name_, "has waited long enough");
    if (runner.has_lost_log_) runner.Excuse();
    runner.Leave(exit_code);
  });
}

void Runner::Leave(int exit_code) {
  if (std::exchange(is_leaving_, true)) return;
  After(Milliseconds(2), [exit_code](Runner& runner) {
    runner.is_alive_ = false;
    runner.handlers_.on_exit(exit_code, runner.end_);
  });
}

void Runner::Terminate() {
  if (!is_alive_ || is_leaving_) return;
  if (!execution_) {
    // A request that is on its way to it finds nobody.
    end_ = test::ModelRunner::EndWithoutRun();
    Say({end_});
    return Leave(143);
  }
  execution_->was_stopped = execution_->was_stopped || end_.empty();
  End(Reason::kTerminated, 143);
  Leave(143);
}

void Runner::Die() {
  Excuse();
  is_alive_ = false;
}

void Runner::Excuse() {
  if (execution_) execution_->is_excused = true;
}

void Runner::Forget() {
  has_lost_log_ = true;
  if (!is_alive_) Excuse();
}

void Runner::Say(std::vector<std::string> lines) {
  for (std::string& line : lines) {
    if (!lies_) {
      handlers_.on_line(std::move(line));
      continue;
    }
    for (std::string& lie : Lies(line)) handlers_.on_line(std::move(lie));
  }
}

std::vector<std::string> Runner::Lies(const std::string& line) {
  const auto replaced = [&line](std::string_view what, std::string_view by) {
    std::string lie = line;
    if (const auto place = lie.find(what); place != std::string::npos)
      lie.replace(place, what.size(), by);
    return lie;
  };
  switch (world_.choices.Below(Chooser::kRunner, 10)) {
    case 1:
      return {replaced("\"run_id\":\"r", "\"run_id\":\"other-")};
    case 2:
      return {replaced("\"seq\":", "\"seq\":7")};
    case 3:
      return {replaced("\"seq\":", "\"seq\":-")};
    case 4:
      return {};
    case 5:
      return {R"({"type":"stdin_ack","seq":3})", line};
    case 6:
      return {replaced("\"reason\":\"exited\"", "\"reason\":\"signaled\""), line};
    case 7:
      return {line.substr(0, line.size() / 2), line};
    case 8:
      return {line, line, line};
    case 9:
      return {replaced("[\"o\",\"", "[\"o\",\"lie ")};
    default:
      return {line};
  }
}

void NoteRequest(std::string_view bytes, Oracle& oracle) {
  const protocol::Command* const command = Decode(bytes.substr(0, bytes.find('\n')));
  if (const auto* run = std::get_if<protocol::RunCommand>(command))
    oracle.OnRequestWritten(run->run_id, run->attempt);
}

}  // namespace oneshot::simulation
