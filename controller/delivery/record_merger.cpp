#include "controller/delivery/record_merger.h"

#include <iterator>
#include <type_traits>
#include <utility>

#include "controller/kube/line_splitter.h"
#include "core/protocol/codec.h"

namespace oneshot::delivery {
namespace {

// Room for the longest record; a longer line is not one.
constexpr std::size_t kMaxLine = protocol::kMaxRecordLine * 2;

domain::OutputRecord ToRecord(protocol::Output&& output) {
  return {.seq = output.seq,
          .stream = output.stream == protocol::Stream::kStdout ? domain::Stream::kStdout
                                                               : domain::Stream::kStderr,
          .ms = output.ms,
          .data = std::move(output.data),
          .dropped_bytes = output.dropped_bytes};
}

domain::OutputRecord ToRecord(protocol::Display&& display) {
  return {.seq = display.seq,
          .stream = domain::Stream::kDisplay,
          .ms = display.ms,
          .data = std::move(display.data),
          .mime = std::move(display.mime),
          .part = display.part,
          .parts = display.parts};
}

}  // namespace

void RecordMerger::ExpectRun(std::string run_id, int attempt) {
  run_id_ = std::move(run_id);
  attempt_ = attempt;
}

void RecordMerger::FeedLog(std::string_view bytes) {
  kube::LineSplitter log(kMaxLine);
  log.Feed(bytes, [this](std::string_view line) {
    FeedLine(line);
    return true;
  });
}

void RecordMerger::FeedLine(std::string_view line) {
  auto record = protocol::DecodeRecord(line);
  if (!record) return;
  std::visit(
      [this](auto&& each) {
        using T = std::decay_t<decltype(each)>;
        if constexpr (std::is_same_v<T, protocol::Ready>) {
          progress_.ready = std::forward<decltype(each)>(each);
        } else if (run_id_.empty()) {
          return;
        } else if constexpr (std::is_same_v<T, protocol::Started>) {
          if (each.run_id == run_id_ && each.attempt == attempt_) progress_.started = true;
        } else if constexpr (std::is_same_v<T, protocol::Finished>) {
          if (each.run_id == run_id_ && each.attempt == attempt_ && !progress_.finished)
            progress_.finished = std::forward<decltype(each)>(each);
        } else {
          OnRecord(ToRecord(std::forward<decltype(each)>(each)));
        }
      },
      *std::move(record));
  const auto& finished = progress_.finished;
  if (finished && !progress_.complete && next_seq_ >= finished->records) {
    progress_.complete = true;
    progress_.intact = hash_.HexDigest() == finished->sha256;
  }
  progress_.has_gap = !waiting_.empty() || (finished && !progress_.complete);
}

void RecordMerger::OnRecord(domain::OutputRecord record) {
  if (record.seq < next_seq_) return;
  waiting_.try_emplace(record.seq, std::move(record));
  while (!waiting_.empty() && waiting_.begin()->first == next_seq_) {
    auto node = waiting_.extract(waiting_.begin());
    if (node.mapped().stream != domain::Stream::kDisplay) hash_.Update(node.mapped().data);
    fresh_.push_back(std::move(node.mapped()));
    ++next_seq_;
  }
}

std::vector<domain::OutputRecord> RecordMerger::TakeFresh() { return std::exchange(fresh_, {}); }

void RecordMerger::PutBack(std::vector<domain::OutputRecord> records) {
  records.insert(records.end(), std::make_move_iterator(fresh_.begin()),
                 std::make_move_iterator(fresh_.end()));
  fresh_ = std::move(records);
}

}  // namespace oneshot::delivery
