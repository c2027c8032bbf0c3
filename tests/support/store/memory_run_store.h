#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/base/guarded.h"
#include "core/store/run_store.h"

namespace oneshot::test {

/// The same promises as PgRunStore, kept in memory; the contract suite runs on both. Threads: any.
class MemoryRunStore final : public store::RunStore {
 public:
  base::Status Submit(const std::string& id, const domain::RunSpec& spec, base::WallTime now,
                      std::int64_t max_queued) override;
  base::Result<domain::Run> Get(const std::string& id) override;
  base::Result<domain::RunStatus> GetStatus(const std::string& id) override;
  base::Result<store::RunLook> Look(const std::string& id, store::OutputPosition seen,
                                    std::int64_t max_bytes) override;
  base::Result<std::vector<domain::Run>> List(const store::ListQuery& query) override;
  base::Result<domain::RunStatus> RequestCancel(const std::string& id, base::WallTime now) override;
  base::Status Delete(const std::string& id) override;
  base::Result<std::int64_t> TakeEpoch(const std::string& holder) override;
  base::Result<std::vector<store::ClaimedRun>> Claim(std::int64_t epoch,
                                                     const store::ClaimRequest& request,
                                                     base::WallTime now) override;
  base::Result<std::vector<store::ClaimedRun>> AdoptActive(std::int64_t epoch) override;
  base::Result<std::vector<std::string>> ClaimedJobs(
      const std::vector<std::string>& job_names) override;
  base::Result<std::vector<std::string>> ListCancelRequested(std::int64_t epoch) override;
  base::Status RecordProgress(std::int64_t epoch, const std::string& id, int attempt,
                              const Progress& progress) override;
  base::Status Finish(std::int64_t epoch, const std::string& id, int attempt,
                      const Progress& progress, const domain::Outcome& outcome,
                      base::WallTime now) override;
  base::Result<domain::RunStatus> Interrupt(std::int64_t epoch, const std::string& id, int attempt,
                                            const store::Interruption& interruption,
                                            int max_attempts, base::WallTime now) override;
  base::Result<std::int64_t> CountQueued() override;
  base::Result<std::int64_t> DeleteFinishedBefore(base::WallTime before, int limit) override;
  base::Status Ping() override;

  /// While true every call answers kUnavailable, as if the database were away.
  void SetUnavailable(bool unavailable);
  /// How many calls of RunStore there were.
  int Calls();
  /// The next Submit commits, but the database goes away before it confirms.
  void GoAwayAfterNextSubmit();

 private:
  struct Entry {
    domain::Run run;
    std::map<std::int64_t, domain::OutputRecord> output;  // of the current attempt
    std::int64_t epoch{0};
    int spent_attempts{0};
    base::WallTime not_before{};
  };
  struct State {
    std::map<std::string, Entry> runs;
    std::set<std::string> job_names;  // ever tied to a run
    std::set<std::string> queued;     // ids, so that a long history costs the queue nothing
    std::set<std::string> active;
    std::int64_t epoch{0};
    bool unavailable{false};
    int calls{0};
    bool goes_away_after_submit{false};
  };
  static Entry* Held(State& state, std::int64_t epoch, const std::string& id, int attempt);
  static void Store(Entry& entry, const Progress& progress);
  static void Tie(State& state, std::int64_t epoch, Entry& entry, std::string warm_job,
                  base::WallTime now, std::vector<store::ClaimedRun>& claimed);
  static void SetStatus(State& state, Entry& entry, domain::RunStatus status);

  base::Guarded<State> state_;
};

}  // namespace oneshot::test
