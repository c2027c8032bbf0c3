#include "images/python/runner/outbox.h"

#include <algorithm>
#include <utility>

#include "core/protocol/codec.h"

namespace oneshot::runner {
namespace {

/// As much as one pipe holds.
constexpr std::size_t kFullSink = 64 * 1024;

}  // namespace

void Outbox::Say(const protocol::Ready& ready) {
  ready_ = protocol::Encode(ready);
  sink_.Append(ready_);
}

void Outbox::Say(const protocol::Started& started) {
  started_ = protocol::Encode(started);
  sink_.Append(started_);
}

void Outbox::AnswerStdin(std::int64_t next_seq) {
  stdin_seq_ = next_seq;
  owes_stdin_answer_ = true;
}

void Outbox::Keep(KeptOutput output) {
  output.ShrinkToFit();
  kept_.push_back({std::move(output)});
}

void Outbox::Keep(protocol::Display part) { kept_.push_back({std::move(part)}); }

void Outbox::KeepFinished(std::string line) {
  kept_.push_back({std::move(line)});
  is_finished_kept_ = true;
}

bool Outbox::Acknowledge(std::int64_t seq) {
  if (seq > end_of_sent_) return false;
  for (; first_seq_ < seq; ++first_seq_) {
    if (sent_ > 0) {
      unacknowledged_bytes_ -= kept_.front().line_bytes;
      --sent_;
    }
    kept_.pop_front();
  }
  return true;
}

bool Outbox::Resume(std::int64_t seq, std::string run_id, int attempt) {
  const bool was_sent = Acknowledge(seq);
  sink_.DropWaitingLines();
  sent_ = 0;
  unacknowledged_bytes_ = 0;
  sink_.Append(protocol::Encode(protocol::Resumed{std::move(run_id), attempt, first_seq_}));
  sink_.Append(ready_);
  sink_.Append(started_);
  owes_stdin_answer_ = stdin_seq_.has_value();
  return was_sent;
}

bool Outbox::HasRoom() const {
  return sent_ == kept_.size() && sink_.Waiting() < kFullSink &&
         (ignores_window_ || unacknowledged_bytes_ < protocol::kMaxUnacknowledged);
}

void Outbox::Flush() {
  do {
    while (sink_.Waiting() < kFullSink && QueueNext()) {
    }
    sink_.Flush();
  } while (sink_.Waiting() == 0 && QueueNext());
}

bool Outbox::Fits(std::size_t line_bytes) const {
  return sent_ == 0 || ignores_window_ ||
         unacknowledged_bytes_ + line_bytes <= protocol::kMaxUnacknowledged;
}

std::string Outbox::LineOf(const Numbered& record, std::int64_t seq) {
  if (const auto* output = std::get_if<KeptOutput>(&record.content))
    return protocol::Encode(output->ToOutput(seq));
  if (const auto* part = std::get_if<protocol::Display>(&record.content)) {
    protocol::Display numbered = *part;
    numbered.seq = seq;
    return protocol::Encode(numbered);
  }
  return std::get<std::string>(record.content);
}

bool Outbox::QueueNext() {
  if (owes_stdin_answer_) {
    owes_stdin_answer_ = false;
    sink_.Append(protocol::Encode(protocol::StdinAck{*stdin_seq_}));
    return true;
  }
  if (sent_ == kept_.size()) return false;

  Numbered& next = kept_[sent_];
  if (!Fits(next.line_bytes)) return false;
  const std::int64_t seq = first_seq_ + static_cast<std::int64_t>(sent_);
  const std::string line = LineOf(next, seq);
  next.line_bytes = line.size();
  if (!Fits(line.size())) return false;
  sink_.Append(line);
  unacknowledged_bytes_ += line.size();
  ++sent_;
  end_of_sent_ = std::max(end_of_sent_, seq + 1);
  return true;
}

}  // namespace oneshot::runner
