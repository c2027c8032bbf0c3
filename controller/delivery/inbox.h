#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/base/sha256.h"
#include "core/domain/run.h"
#include "core/protocol/messages.h"

namespace oneshot::delivery {

/// The records of one attempt as they come from its runner, over any number of links and from the
/// pod's log: each record is let through once and in the order of its number. Nothing here trusts
/// its input, and what it costs is bounded: a runner that breaks the protocol is reported as a
/// fault. Threads: one at a time.
class Inbox {
 public:
  /// The runner is to execute this attempt. `next_seq` is the first record that is not stored;
  /// `max_data_bytes` is what the runner was told to keep of the program's output. Before this call
  /// only `ready` is looked at.
  void Expect(std::string run_id, int attempt, std::int64_t next_seq, std::int64_t max_data_bytes);

  /// A new link was opened. Until the runner answers `resume` on it, records may be missing.
  void BeginLink() { is_answered_ = false; }
  /// The runner is about to be asked to resume, and may say a window again for it. Returns where
  /// from.
  std::int64_t AskToResume();

  /// A line from a link.
  void FeedLine(std::string_view line);
  /// The pod's log, or its termination message. It may begin late, have holes, and repeat records.
  void FeedLog(std::string_view bytes);

  /// Records before `next_seq` are stored.
  void Stored(std::int64_t next_seq);
  /// The end is stored.
  void StoredEnd() { is_end_stored_ = true; }

  /// What has come.
  struct Progress {
    std::optional<protocol::Ready> ready;
    bool started{false};
    /// The end record of this attempt, which may come while others are still missing, or of a
    /// runner that ended before a run came (its run_id is empty).
    std::optional<protocol::Finished> finished;
    /// The end record is here and every record before it.
    bool complete{false};
    /// Records were lost that the runner does not keep any more: the database forgot what it had
    /// confirmed.
    bool has_lost_records{false};
    /// How the runner broke the protocol; empty: it did not.
    std::string fault;
  };
  const Progress& progress() const { return progress_; }

  /// The first number that is not stored; of an end that is stored, the one after it. The runner
  /// forgets what comes before the number it is told, so it is told no other one.
  std::int64_t first_unstored() const;
  /// Number of the piece of input that the runner expects next, as far as it has said.
  std::int64_t acknowledged_stdin() const { return acknowledged_stdin_; }
  /// What has come and is not stored.
  const std::deque<domain::OutputRecord>& unstored() const { return unstored_; }
  /// What that takes on the link, at least.
  std::size_t unstored_bytes() const { return unstored_bytes_; }

  /// What to say to the runner because of what has come.
  struct Wanted {
    /// Records are missing.
    bool resume{false};
    /// The runner answered that it has no run.
    bool run{false};
    /// It answered.
    bool answered{false};
  };
  /// What has become wanted since the last call.
  Wanted TakeWanted();

 private:
  enum class Source { kLink, kLog };
  void Feed(std::string_view line, Source source);
  void On(protocol::Resumed&& resumed, Source source);
  void On(protocol::Ready&& ready, Source source);
  void On(protocol::Started&& started, Source source);
  void On(protocol::Finished&& finished, Source source);
  void On(protocol::Output&& output, Source source);
  void On(protocol::Display&& display, Source source);
  void On(protocol::StdinAck&& acknowledged, Source source);
  void OnRecord(domain::OutputRecord&& record, Source source);
  void OnAnswer();
  void OnGap(Source source);
  void Complete();
  /// The number after the last one that came.
  std::int64_t next_seq() const;
  bool IsOurs(const std::string& run_id, int attempt);
  void Fault(const char* what);
  void Stray();

  std::string run_id_;
  int attempt_{0};
  std::int64_t max_data_bytes_{0};
  Progress progress_;
  Wanted wanted_;
  std::int64_t next_seq_{0};
  std::deque<domain::OutputRecord> unstored_;
  std::size_t unstored_bytes_{0};
  std::int64_t acknowledged_stdin_{0};
  bool is_end_stored_{false};
  /// The runner has answered on the present link, so that no record may be missing any more.
  bool is_answered_{false};
  bool has_ever_answered_{false};
  /// Over all bytes from the first record; empty when an earlier controller had the first ones.
  std::optional<base::Sha256> hash_;

  // What bounds a runner that does not keep to the protocol.
  std::int64_t data_bytes_{0};
  std::int64_t records_without_data_{0};
  std::int64_t repeated_bytes_{0};
  int stray_lines_{0};
  int gaps_in_a_row_{0};
  int answers_beyond_{0};
  int input_acknowledgements_{0};
};

}  // namespace oneshot::delivery
