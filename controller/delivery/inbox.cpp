#include "controller/delivery/inbox.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include "controller/kube/line_splitter.h"
#include "core/domain/display.h"
#include "core/domain/file.h"
#include "core/protocol/codec.h"

namespace oneshot::delivery {
namespace {

// Each of 10,000 pieces of input may be sent again on some links.
constexpr int kMaxInputAcknowledgements = 100'000;
// Room for the longest record; a longer line is not one.
constexpr std::size_t kMaxLine = protocol::kMaxRecordLine * 2;

constexpr auto kWindow = static_cast<std::int64_t>(protocol::kMaxUnacknowledged);
// For each `resume` a runner says at most one window again, after one that was on its way.
constexpr std::int64_t kRepeatedForResume = 2 * kWindow;
// Another controller asks too during a takeover: a few windows; this is twenty.
constexpr std::int64_t kMaxRepeatedBytes = 20 * kWindow;
// What is unstored is what is unacknowledged, and a record that was on its way.
constexpr std::size_t kMaxUnstoredBytes = 2 * protocol::kMaxUnacknowledged;
// A record has data, or else tells that what a stream still had was dropped, or is an empty file.
constexpr std::int64_t kMaxRecordsWithoutData = 16 + domain::kMaxOutputFiles;
// A killed container runtime tears a line or two.
constexpr int kMaxStrayLines = 1000;
// Each is answered by a `resume`, which the runner answers with what is missing.
constexpr int kMaxGapsInARow = 10;
constexpr int kMaxAnswersBeyond = 3;

/// Whether it may be shown or come back: the runner has seen to that.
bool IsAllowed(const protocol::Display& display, std::int64_t max_bytes) {
  if (display.mime == domain::kOutputFile) {
    return display.number < domain::kMaxOutputFiles && display.bytes <= max_bytes &&
           !domain::RelativePathFault(display.alt) && display.part <= display.seq;
  }
  const std::int64_t pixels = std::int64_t{display.width} * display.height;
  return domain::IsDisplayType(display.mime) && display.number < domain::kMaxDisplays &&
         pixels <= domain::kMaxDisplayPixels && display.bytes <= domain::kMaxDisplayBytes &&
         display.alt.size() <= protocol::kMaxAlt && display.part <= display.seq;
}

/// No record's line is shorter, whatever its numbers and however its data is spelled.
std::size_t LeastLineBytes(const domain::OutputRecord& record) {
  constexpr std::size_t kRecordFrame = 40;
  constexpr std::size_t kPieceFrame = 8;
  return kRecordFrame + kPieceFrame * record.pieces.size() +
         static_cast<std::size_t>(domain::BytesOf(record));
}

}  // namespace

void Inbox::Expect(std::string run_id, int attempt, std::int64_t next_seq,
                   std::int64_t max_data_bytes) {
  run_id_ = std::move(run_id);
  attempt_ = attempt;
  next_seq_ = next_seq;
  max_data_bytes_ = max_data_bytes;
  if (next_seq == 0) hash_.emplace();
}

std::int64_t Inbox::AskToResume() {
  repeated_bytes_ = std::max<std::int64_t>(repeated_bytes_ - kRepeatedForResume, 0);
  return first_unstored();
}

void Inbox::FeedLine(std::string_view line) { Feed(line, Source::kLink); }

void Inbox::FeedLog(std::string_view bytes) {
  kube::LineSplitter log(kMaxLine);
  const auto feed = [this](std::string_view line) {
    Feed(line, Source::kLog);
    return true;
  };
  log.Feed(bytes, feed);
  // A termination message has no line end of its own.
  if (!bytes.ends_with('\n')) log.Feed("\n", feed);
}

void Inbox::Feed(std::string_view line, Source source) {
  if (!progress_.fault.empty()) return;
  auto record = protocol::DecodeRecord(line);
  if (!record) {
    if (source == Source::kLink) Stray();
    return;
  }
  const std::int64_t next_seq_before = next_seq_;
  std::visit([&](auto&& each) { On(std::forward<decltype(each)>(each), source); },
             *std::move(record));
  if (source == Source::kLog || next_seq_ > next_seq_before) return;
  repeated_bytes_ += std::ssize(line);
  if (repeated_bytes_ > kMaxRepeatedBytes) Fault("the runner repeats its records without end");
}

void Inbox::On(protocol::Resumed&& resumed, Source source) {
  if (source == Source::kLog) return;
  if (run_id_.empty() && !resumed.run_id.empty())
    return Fault("the runner has a run that nobody gave it");
  if (resumed.run_id.empty()) {
    if (progress_.started || next_seq_ > 0)
      return Fault("the runner says that no run came, after it had begun one");
    OnAnswer();
    wanted_.run = true;
    return;
  }
  if (!IsOurs(resumed.run_id, resumed.attempt)) return;
  wanted_.run = false;
  if (resumed.seq > next_seq()) {
    // Perhaps the answer to another controller's `resume`; ours comes too.
    if (++answers_beyond_ >= kMaxAnswersBeyond) progress_.has_lost_records = true;
    return;
  }
  answers_beyond_ = 0;
  OnAnswer();
}

void Inbox::OnAnswer() {
  is_answered_ = true;
  has_ever_answered_ = true;
  wanted_.answered = true;
}

void Inbox::On(protocol::Ready&& ready, Source /*source*/) { progress_.ready = std::move(ready); }

void Inbox::On(protocol::Started&& started, Source source) {
  if (run_id_.empty()) return source == Source::kLink ? Stray() : void();
  if (IsOurs(started.run_id, started.attempt)) progress_.started = true;
}

void Inbox::On(protocol::Finished&& finished, Source source) {
  if (finished.run_id.empty()) {
    if (progress_.started) return Fault("the runner ended without the run that it had begun");
    progress_.finished = std::move(finished);
    return;
  }
  if (!IsOurs(finished.run_id, finished.attempt)) return;
  if (progress_.finished && *progress_.finished != finished)
    return Fault("the runner sent two different ends");
  if (finished.seq < next_seq_) return Fault("the runner sent more records than its end counts");
  const bool has_gap = finished.seq > next_seq_;
  progress_.finished = std::move(finished);
  if (has_gap) return OnGap(source);
  Complete();
}

void Inbox::On(protocol::Output&& output, Source source) {
  domain::OutputRecord record{.seq = output.seq, .ms = output.ms, .pieces = {}, .display = {}};
  for (protocol::Piece& piece : output.pieces) {
    record.pieces.push_back({.stream = piece.stream == protocol::Stream::kStdout
                                           ? domain::Stream::kStdout
                                           : domain::Stream::kStderr,
                             .data = std::move(piece.data),
                             .dropped_bytes = piece.dropped_bytes});
  }
  OnRecord(std::move(record), source);
}

void Inbox::On(protocol::Display&& display, Source source) {
  domain::OutputRecord record{.seq = display.seq, .ms = display.ms, .pieces = {}, .display = {}};
  record.display = domain::DisplayPart{.data = std::move(display.data)};
  if (display.part + 1 == display.parts) {
    if (!IsAllowed(display, max_data_bytes_))
      return Fault("the runner shows what may not be shown");
    record.display->whole = domain::Display{.number = display.number,
                                            .mime = std::move(display.mime),
                                            .width = display.width,
                                            .height = display.height,
                                            .alt = std::move(display.alt),
                                            .bytes = display.bytes,
                                            .first_seq = display.seq - display.part,
                                            .last_seq = display.seq};
  }
  OnRecord(std::move(record), source);
}

void Inbox::On(protocol::StdinAck&& acknowledged, Source source) {
  // Other controllers' input is acknowledged to all that are attached, and in the log.
  if (source == Source::kLog) return;
  if (run_id_.empty()) return Stray();
  if (++input_acknowledgements_ > kMaxInputAcknowledgements)
    return Fault("the runner acknowledges input without end");
  acknowledged_stdin_ = std::max(acknowledged_stdin_, acknowledged.seq);
}

void Inbox::OnRecord(domain::OutputRecord&& record, Source source) {
  if (run_id_.empty()) return source == Source::kLink ? Stray() : void();
  if (record.seq < next_seq_) return;
  // A runner that is told to stop says at once all that it has; its log has what is beyond our
  // room.
  const std::size_t line_bytes = LeastLineBytes(record);
  const bool has_room = unstored_bytes_ + line_bytes <= kMaxUnstoredBytes;
  if (record.seq > next_seq_ || (source == Source::kLink && !has_room)) return OnGap(source);
  if (progress_.finished && record.seq >= progress_.finished->seq)
    return Fault("the runner sent more records than its end counts");
  const std::int64_t data_bytes = domain::BytesOf(record);
  data_bytes_ += data_bytes;
  if (data_bytes == 0) ++records_without_data_;
  if (data_bytes_ > max_data_bytes_ || records_without_data_ > kMaxRecordsWithoutData)
    return Fault("the runner sent more output than its limit");
  ++next_seq_;
  gaps_in_a_row_ = 0;
  if (hash_) {
    for (const domain::OutputPiece& piece : record.pieces) hash_->Update(piece.data);
  }
  unstored_bytes_ += line_bytes;
  unstored_.push_back(std::move(record));
  Complete();
}

void Inbox::OnGap(Source source) {
  // Before the answer on a new link, what comes was meant for an earlier one.
  if (source == Source::kLog || !is_answered_) return;
  if (++gaps_in_a_row_ > kMaxGapsInARow) return Fault("the runner leaves records out");
  is_answered_ = false;
  wanted_.resume = true;
}

void Inbox::Complete() {
  const auto& finished = progress_.finished;
  if (!finished || finished->run_id.empty() || finished->seq != next_seq_) return;
  if (hash_ && hash_->HexDigest() != finished->sha256)
    return Fault("the runner's checksum does not match its records");
  progress_.complete = true;
}

bool Inbox::IsOurs(const std::string& run_id, int attempt) {
  if (run_id == run_id_ && attempt == attempt_) return true;
  if (!run_id_.empty()) Fault("the runner has another run");
  return false;
}

void Inbox::Stored(std::int64_t next_seq) {
  if (next_seq < (unstored_.empty() ? next_seq_ : unstored_.front().seq)) {
    progress_.has_lost_records = true;
    return;
  }
  while (!unstored_.empty() && unstored_.front().seq < next_seq) {
    unstored_bytes_ -= LeastLineBytes(unstored_.front());
    unstored_.pop_front();
  }
  if (next_seq > next_seq_) {
    // An earlier call stored records that came to an earlier controller.
    next_seq_ = next_seq;
    hash_.reset();
    Complete();
  }
}

std::int64_t Inbox::first_unstored() const {
  const bool has_nothing_to_store = unstored_.empty() || is_end_stored_;
  return has_nothing_to_store ? next_seq() : unstored_.front().seq;
}

std::int64_t Inbox::next_seq() const {
  return is_end_stored_ && progress_.finished ? progress_.finished->seq + 1 : next_seq_;
}

Inbox::Wanted Inbox::TakeWanted() { return std::exchange(wanted_, {}); }

void Inbox::Fault(const char* what) { progress_.fault = what; }

void Inbox::Stray() {
  // A runner of another protocol does not answer; its run starts over once its pod has ended.
  if (has_ever_answered_ && ++stray_lines_ > kMaxStrayLines)
    Fault("the runner sends what is no record");
}

}  // namespace oneshot::delivery
