#include "tests/support/model_runner.h"

#include <algorithm>

#include "core/protocol/codec.h"

namespace oneshot::test {
namespace {

/// Without its newline.
std::string Line(const protocol::Record& record) {
  std::string line = protocol::Encode(record);
  line.pop_back();
  return line;
}

}  // namespace

const std::string& ModelRunner::ReadyLine() {
  static const std::string line =
      Line(protocol::Ready{.python = "3.11.2", .preloaded = {}, .preload_ms = 1});
  return line;
}

ModelRunner::Answer ModelRunner::OnLine(std::string_view line) {
  const auto command = protocol::DecodeCommand(line);
  return command ? On(*command) : Answer{};
}

ModelRunner::Answer ModelRunner::On(const protocol::Command& command) {
  Answer answer;
  if (const auto* resume = std::get_if<protocol::ResumeCommand>(&command)) {
    Resume(resume->seq, answer);
  } else if (const auto* ack = std::get_if<protocol::AckCommand>(&command)) {
    Acknowledge(ack->seq, answer);
  } else if (std::holds_alternative<protocol::CancelCommand>(command)) {
    answer.cancels = run_ && !finished_;
  } else if (const auto* run = std::get_if<protocol::RunCommand>(&command); run && !run_) {
    run_ = *run;
    answer.begins = true;
    answer.lines = {Line(protocol::Started{.run_id = run_->run_id, .attempt = run_->attempt})};
  }
  return answer;
}

void ModelRunner::Acknowledge(std::int64_t seq, Answer& answer) {
  const std::int64_t said = std::ssize(records_);
  held_ = std::max(held_, std::min(seq, said));
  answer.leaves = finished_ && seq > said;
}

void ModelRunner::Resume(std::int64_t seq, Answer& answer) {
  Acknowledge(seq, answer);
  answer.lines = {Line(protocol::Resumed{.run_id = run_ ? run_->run_id : std::string(),
                                         .attempt = run_ ? run_->attempt : 0,
                                         .seq = held_}),
                  ReadyLine()};
  if (!run_) return;
  answer.lines.push_back(Line(protocol::Started{.run_id = run_->run_id, .attempt = run_->attempt}));
  for (auto i = static_cast<std::size_t>(held_); i < records_.size(); ++i)
    answer.lines.push_back(Line(records_[i]));
  if (finished_) answer.lines.push_back(Line(*finished_));
}

std::string ModelRunner::Print(const std::string& text, protocol::Stream stream) {
  const std::int64_t seq = std::ssize(records_);
  hash_.Update(text);
  records_.push_back({.seq = seq, .ms = seq, .pieces = {{.stream = stream, .data = text}}});
  return Line(records_.back());
}

std::string ModelRunner::EndWithoutRun() {
  return Line(protocol::Finished{.reason = protocol::Reason::kTerminated});
}

std::string ModelRunner::End(protocol::Reason reason, std::optional<int> exit_code) {
  finished_ = protocol::Finished{.run_id = run_->run_id,
                                 .attempt = run_->attempt,
                                 .exit_code = exit_code,
                                 .reason = reason,
                                 .seq = std::ssize(records_),
                                 .sha256 = hash_.HexDigest()};
  return Line(*finished_);
}

}  // namespace oneshot::test
