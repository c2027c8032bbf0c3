#pragma once

#include <memory>
#include <string>

#include "core/base/guarded.h"
#include "core/store/run_store.h"

namespace oneshot::store {

class PgConnections;

/// Runs in PostgreSQL. The schema must be up to date (migrate.h).
///
/// Each call is one statement of core/store/statements, which commits by itself: one round trip.
/// Once a second Submit is two, because it counts the queue first. A connection is opened when it
/// is first needed and prepares a statement when it is first used, which costs a round trip more.
class PgRunStore final : public RunStore {
 public:
  /// `connections` limits how many calls run at once; further ones wait. `call_timeout` bounds
  /// every call, whatever becomes of the server; see PgConnections.
  PgRunStore(const std::string& database_url, int connections, base::Milliseconds call_timeout);
  ~PgRunStore() override;

  base::Result<base::WallTime> Submit(const std::string& id, const domain::RunSpec& spec,
                                      std::int64_t max_queued) override;
  base::Result<domain::Run> Get(const std::string& id) override;
  base::Result<domain::RunStatus> GetStatus(const std::string& id) override;
  base::Result<RunLook> Look(const std::string& id, OutputPosition seen,
                             std::int64_t max_bytes) override;
  base::Result<std::vector<domain::Run>> List(const ListQuery& query) override;
  base::Result<domain::RunStatus> RequestCancel(const std::string& id) override;
  base::Status Delete(const std::string& id) override;

  base::Result<std::int64_t> TakeEpoch(const std::string& holder) override;
  base::Result<std::vector<ClaimedRun>> Claim(std::int64_t epoch,
                                              const ClaimRequest& request) override;
  base::Result<std::vector<ClaimedRun>> AdoptActive(
      std::int64_t epoch, const std::vector<std::string>& known_run_ids) override;
  base::Result<std::vector<std::string>> ClaimedJobs(
      const std::vector<std::string>& job_names) override;
  base::Result<std::vector<std::string>> Retire(std::int64_t epoch,
                                                const std::vector<std::string>& job_names) override;
  base::Result<std::vector<std::string>> ListCancelRequested(std::int64_t epoch) override;
  base::Result<std::int64_t> RecordProgress(std::int64_t epoch, const std::string& id, int attempt,
                                            const Progress& progress) override;
  base::Result<std::int64_t> Finish(std::int64_t epoch, const std::string& id, int attempt,
                                    const Progress& progress,
                                    const domain::Outcome& outcome) override;
  base::Result<domain::RunStatus> Interrupt(std::int64_t epoch, const std::string& id, int attempt,
                                            const Interruption& interruption,
                                            const RetryLimits& limits) override;
  base::Result<std::int64_t> CountQueued() override;
  base::Result<std::int64_t> DeleteFinishedOlderThan(base::Milliseconds age, int limit) override;
  base::Status Ping() override;

 private:
  /// A count that is at most a second old, plus what this process has added since: counting at
  /// every submission would cost more than the submission.
  struct QueueEstimate {
    std::int64_t queued{0};
    base::MonotonicTime counted_at{};
  };
  base::Result<std::int64_t> EstimateQueued();

  const std::unique_ptr<PgConnections> connections_;
  base::Guarded<QueueEstimate> queue_estimate_;
};

}  // namespace oneshot::store
