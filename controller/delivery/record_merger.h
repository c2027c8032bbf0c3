#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/sha256.h"
#include "core/domain/run.h"
#include "core/protocol/messages.h"

namespace oneshot::delivery {

/// One run's records from two sources that show the same bytes: the attach (live, may be cut
/// anywhere) and the pod log (whole, late). Each record is let through once, in the order of its
/// sequence number. Lines that are not records, or belong to another run or attempt, are dropped:
/// nothing here trusts its input. Threads: one at a time.
class RecordMerger {
 public:
  /// Records before this call are looked at for `ready` only.
  void ExpectRun(std::string run_id, int attempt);

  /// A line of the attach.
  void FeedLine(std::string_view line);
  /// The log from its beginning.
  void FeedLog(std::string_view bytes);

  /// What the records say that have come.
  struct Progress {
    std::optional<protocol::Ready> ready;
    bool started{false};
    /// The end record, which may come while others are still missing.
    std::optional<protocol::Finished> finished;
    /// The end record is here and every record before it.
    bool complete{false};
    /// Of a complete run: the kept bytes are those that the runner hashed.
    bool intact{false};
    /// Records after a missing one are waiting.
    bool has_gap{false};
  };
  const Progress& progress() const { return progress_; }

  /// What came through since the last call.
  std::vector<domain::OutputRecord> TakeFresh();
  /// Records that were taken and must be taken again, before newer ones.
  void PutBack(std::vector<domain::OutputRecord> records);
  bool has_fresh() const { return !fresh_.empty(); }

 private:
  void OnRecord(domain::OutputRecord record);

  std::string run_id_;
  int attempt_{0};
  Progress progress_;
  std::int64_t next_seq_{0};
  /// Records behind a missing one, by seq.
  std::map<std::int64_t, domain::OutputRecord> waiting_;
  std::vector<domain::OutputRecord> fresh_;
  base::Sha256 hash_;
};

}  // namespace oneshot::delivery
