/// The container's stdout. Holds the numbered records until they are acknowledged and says them
/// again to whoever resumes; nothing that was handed over here is lost before that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "core/protocol/messages.h"
#include "images/python/runner/kept_output.h"
#include "images/python/runner/unique_fd.h"
#include "images/python/runner/write_queue.h"

namespace oneshot::runner {

class Outbox {
 public:
  explicit Outbox(UniqueFd pipe) : sink_(std::move(pipe)) {}

  /// Each once; said again after every `Resume`.
  void Say(const protocol::Ready& ready);
  void Say(const protocol::Started& started);

  /// Answers stdin with the number that is expected next. Answers that wait become one.
  void AnswerStdin(std::int64_t next_seq);

  /// Gives the record the next number and keeps it.
  void Keep(KeptOutput output);
  void Keep(protocol::Display part);

  /// The last one: the line of `finished`, whose number has to be `NextSeq`.
  void KeepFinished(std::string line);

  std::int64_t NextSeq() const { return first_seq_ + static_cast<std::int64_t>(kept_.size()); }

  /// Forgets every record before `seq`. False, and no change, when it was never sent.
  bool Acknowledge(std::int64_t seq);
  bool IsFinishedAcknowledged() const { return is_finished_kept_ && kept_.empty(); }

  /// Acknowledges, finishes the line that is being written, drops what waits behind it, and says
  /// everything again from the first record that is still kept. A further call replaces what is
  /// left of the answer to this one. False, and nothing acknowledged, when `seq` was never sent.
  bool Resume(std::int64_t seq, std::string run_id, int attempt);

  /// Whether a record kept now would be sent at once. While it would not, output should gather
  /// instead, so that it shares fewer records.
  bool HasRoom() const;

  /// Nobody will acknowledge any more: sends without regard to protocol::kMaxUnacknowledged.
  void IgnoreWindow() { ignores_window_ = true; }

  /// Writes what may be written now. Never blocks.
  void Flush();

  /// Nothing is left to write; or the reader has closed its end, for ever.
  bool IsWritten() const { return sink_.Waiting() == 0 && (IsClosed() || sent_ == kept_.size()); }
  bool IsClosed() const { return sink_.Fd() < 0; }
  const WriteQueue& Sink() const { return sink_; }

 private:
  struct Numbered {
    /// The last one is the line of `finished`.
    std::variant<KeptOutput, protocol::Display, std::string> content;
    /// Of its line; 0 until that was made once.
    std::size_t line_bytes{0};
  };

  /// Whether the window takes a line of this length.
  bool Fits(std::size_t line_bytes) const;

  static std::string LineOf(const Numbered& record, std::int64_t seq);

  /// Queues the next line; false when nothing may be sent now.
  bool QueueNext();

  WriteQueue sink_;
  std::string ready_;
  std::string started_;
  std::optional<std::int64_t> stdin_seq_;
  bool owes_stdin_answer_{false};

  std::deque<Numbered> kept_;
  /// The number of kept_.front().
  std::int64_t first_seq_{0};
  /// How many of `kept_` were queued since the last `Resume`.
  std::size_t sent_{0};
  /// The bytes of their lines.
  std::size_t unacknowledged_bytes_{0};
  /// The number after the highest one that was ever queued.
  std::int64_t end_of_sent_{0};
  bool is_finished_kept_{false};
  bool ignores_window_{false};
};

}  // namespace oneshot::runner
