#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/base/clock.h"
#include "core/base/guarded.h"
#include "core/store/run_store.h"

namespace oneshot::test {

/// The same promises as PgRunStore, kept in memory; the contract suite runs on both. Threads: any.
class MemoryRunStore final : public store::RunStore {
 public:
  /// `clock` must outlive it.
  explicit MemoryRunStore(const base::Clock& clock) : clock_(clock) {}

  base::Result<store::Submitted> Submit(const store::Submission& submission) override;
  base::Result<store::Submitted> FindSubmitted(const std::string& submitter,
                                               const store::IdempotencyKey& key) override;
  base::Result<domain::Run> Get(const std::string& id) override;
  base::Result<std::vector<domain::File>> ReadFiles(const std::string& id) override;
  base::Result<domain::RunStatus> GetStatus(const std::string& id) override;
  base::Result<store::RunLook> Look(const std::string& id, store::OutputPosition seen,
                                    std::int64_t max_bytes) override;
  base::Result<store::QueueLoad> MeasureQueue() override;
  base::Result<std::int64_t> StoredBytes() override;
  base::Result<std::vector<domain::Run>> List(const store::ListQuery& query) override;
  base::Result<domain::RunStatus> RequestCancel(const std::string& id) override;
  base::Result<store::StdinAnswer> AddStdin(const std::string& id, std::optional<int> seq,
                                            const domain::StdinPiece& piece,
                                            const store::StdinBounds& bounds) override;
  base::Status Delete(const std::string& id) override;
  base::Result<store::Shared> CreateShare(const store::NewShare& share,
                                          const store::ShareBounds& bounds) override;
  base::Result<store::Share> GetShare(const std::string& id) override;
  base::Status DeleteShare(const std::string& id) override;

  base::Result<std::int64_t> TakeEpoch(const std::string& holder) override;
  base::Result<store::ClaimResult> Claim(std::int64_t epoch,
                                         const store::ClaimRequest& request) override;
  base::Result<std::vector<store::ClaimedRun>> AdoptActive(
      std::int64_t epoch, const std::vector<std::string>& known_run_ids) override;
  base::Result<std::vector<std::string>> ClaimedJobs(
      const std::vector<std::string>& job_names) override;
  base::Result<std::vector<std::string>> Retire(std::int64_t epoch,
                                                const std::vector<std::string>& job_names) override;
  base::Result<std::map<std::string, int>> NextStdin(
      const std::vector<std::string>& run_ids) override;
  base::Result<std::vector<domain::StdinPiece>> ReadStdin(const std::string& run_id,
                                                          int seq) override;
  base::Result<std::vector<std::string>> ListCancelRequested(std::int64_t epoch) override;
  base::Result<std::int64_t> RecordProgress(std::int64_t epoch, const store::AttemptRef& attempt,
                                            const store::Progress& progress) override;
  base::Result<std::int64_t> Finish(std::int64_t epoch, const store::AttemptRef& attempt,
                                    const store::Progress& progress,
                                    const domain::Outcome& outcome) override;
  base::Result<domain::RunStatus> Interrupt(std::int64_t epoch, const store::AttemptRef& attempt,
                                            const store::Interruption& interruption,
                                            const store::RetryLimits& limits) override;
  base::Result<std::int64_t> DeleteFinishedOlderThan(base::Milliseconds age, int limit) override;
  base::Result<std::int64_t> DeleteFinishedBeyond(std::int64_t bytes, int limit) override;
  base::Status Ping() override;

  /// While true every call answers kUnavailable, as if the database were away.
  void SetUnavailable(bool unavailable);
  /// Returns what makes everything stored as it is now, as an asynchronous failover does.
  std::function<void()> Backup();
  /// How many calls of RunStore there were.
  int Calls();
  /// The next Submit commits, but the database goes away before it confirms.
  void GoAwayAfterNextSubmit();
  /// The next CreateShare commits, but its answer is lost.
  void LoseAnswerOfNextShare();
  /// What happens just before the next Look or ReadFiles, as another client's change may.
  void BeforeNextRead(std::function<void()> change);

 private:
  struct Entry {
    domain::Run run;
    std::vector<domain::File> files;
    std::vector<domain::StdinPiece> stdin_pieces;
    std::string submitter;
    // Its place in the queue, in milliseconds of virtual time.
    std::int64_t tag{0};
    // Of the current attempt; a record's place is its number.
    std::vector<domain::OutputRecord> output;
    std::int64_t epoch{0};
    // Jobs of attempts that were given up.
    std::set<std::string> interrupted;
    base::WallTime not_before{};
    // The first claim after which no program has begun.
    std::optional<base::WallTime> series_began_at;
    int shares{0};
    // Only its shares can be read.
    bool is_deleted{false};
  };
  struct KnownShare {
    std::string run_id;
    std::string token_hash;
    std::string submitter;
    base::WallTime created_at{};
    base::WallTime expires_at{};
  };
  // How fast runs are claimed while others wait; see claim.sql.
  struct Pace {
    base::WallTime claimed_at{};
    bool is_backlogged{false};
    double recent_claims{0};
    double recent_seconds{0};
  };
  struct UsedKey {
    std::string fingerprint;
    std::string run_id;
    base::WallTime used_at{};
  };
  struct State {
    std::map<std::string, Entry> runs;
    // By submitter and key.
    std::map<std::pair<std::string, std::string>, UsedKey> keys;
    std::map<std::string, KnownShare> shares;
    // Ever tied to a run, or retired.
    std::set<std::string> job_names;
    // Tags and ids, so that a long history costs the queue nothing.
    std::set<std::pair<std::int64_t, std::string>> queued;
    std::set<std::string> active;
    // The greatest tag that was claimed, and the earliest of each submitter's next run.
    std::int64_t virtual_time{0};
    std::map<std::string, std::int64_t> next_tags;
    Pace pace;
    std::int64_t epoch{0};
    bool unavailable{false};
    int calls{0};
    bool goes_away_after_submit{false};
    bool loses_answer_of_share{false};
    std::function<void()> before_read;
  };

  /// Null when there is none, or it was deleted.
  static Entry* FindRun(State& state, const std::string& id);
  static void Drop(State& state, std::map<std::string, KnownShare>::iterator share);
  void DropExpiredShares(State& state) const;
  void CallBeforeRead();
  /// Of a finished run; of another one 0.
  static std::int64_t StoredBytes(const Entry& entry);
  static std::int64_t StdinBytes(const Entry& entry);
  static std::int64_t StoredBytes(const State& state);
  base::Result<store::Submitted> Find(const State& state, const std::string& submitter,
                                      const store::IdempotencyKey& key) const;
  /// Counts the call. Errors: kUnavailable.
  static base::Status Begin(State& state);
  /// The run, while this epoch and attempt are its last; null otherwise.
  static Entry* Current(State& state, std::int64_t epoch, const store::AttemptRef& attempt);
  static bool IsActive(const Entry& entry);
  static store::ClaimedRun ToClaimed(const Entry& entry, bool recovered);
  std::optional<base::Milliseconds> StartsIn(const Pace& pace, std::int64_t position,
                                             const domain::Run& run) const;
  void KeepPace(State& state, const store::ClaimResult& claimed) const;
  void Tie(State& state, std::int64_t epoch, Entry& entry, const std::string& warm_job) const;
  /// Stores all of `progress`; its records fit.
  void Store(Entry& entry, const store::Progress& progress) const;
  /// Ends the run.
  void End(State& state, Entry& entry, const domain::Outcome& outcome) const;
  static void SetStatus(State& state, Entry& entry, domain::RunStatus status);

  const base::Clock& clock_;
  base::Guarded<State> state_;
};

}  // namespace oneshot::test
