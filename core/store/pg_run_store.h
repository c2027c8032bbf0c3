#pragma once

#include <functional>
#include <string>

#include "core/store/pg_connections.h"
#include "core/store/run_store.h"

namespace pqxx {
class nontransaction;
}

namespace oneshot::store {

/// Runs in PostgreSQL. Each call is one statement, which commits by itself: one round trip.
/// The schema must be up to date (migrate.h). `connections` bounds how many calls run at once;
/// others wait up to 5 s.
class PgRunStore final : public RunStore {
 public:
  PgRunStore(const std::string& database_url, int connections);

  base::Status Submit(const std::string& id, const domain::RunSpec& spec, base::WallTime now,
                      std::int64_t max_queued) override;
  base::Result<domain::Run> Get(const std::string& id) override;
  base::Result<RunState> GetState(const std::string& id) override;
  base::Result<std::int64_t> QueuePosition(const std::string& id) override;
  base::Result<std::vector<domain::Run>> List(const ListQuery& query) override;
  base::Result<OutputPage> ReadOutput(const std::string& id, int attempt, std::int64_t after_seq,
                                      std::int64_t max_bytes) override;
  base::Result<domain::RunStatus> RequestCancel(const std::string& id, base::WallTime now) override;
  base::Status Delete(const std::string& id) override;

  base::Result<std::int64_t> TakeEpoch(const std::string& holder) override;
  base::Result<std::vector<ClaimedRun>> Claim(std::int64_t epoch, const ClaimRequest& request,
                                              base::WallTime now) override;
  base::Result<std::vector<ClaimedRun>> AdoptActive(std::int64_t epoch) override;
  base::Result<std::vector<std::string>> ClaimedJobs(
      const std::vector<std::string>& job_names) override;
  base::Result<std::vector<std::string>> ListCancelRequested(std::int64_t epoch) override;
  base::Status RecordProgress(std::int64_t epoch, const std::string& id, int attempt,
                              const Progress& progress) override;
  base::Status Finish(std::int64_t epoch, const std::string& id, int attempt,
                      const Progress& progress, const domain::Outcome& outcome,
                      base::WallTime now) override;
  base::Result<domain::RunStatus> Interrupt(std::int64_t epoch, const std::string& id, int attempt,
                                            const Interruption& interruption, int max_attempts,
                                            base::WallTime now) override;
  base::Result<std::int64_t> CountQueued() override;
  base::Result<std::int64_t> DeleteFinishedBefore(base::WallTime before, int limit) override;
  base::Status Ping() override;

 private:
  enum class Effect { kReads, kWrites };

  /// Runs `body` on a connection and turns libpqxx's exceptions into errors. The only place that
  /// catches them.
  template <typename T>
  base::Result<T> With(Effect effect,
                       const std::function<base::Result<T>(pqxx::nontransaction&)>& body);

  /// The length of the queue is told from a count at most a second old plus what this process added
  /// since: counting at every submission would cost more than the submission.
  struct QueueEstimate {
    std::int64_t queued{0};
    base::MonotonicTime counted_at{};
  };
  base::Result<std::int64_t> EstimateQueued();

  PgConnections connections_;
  base::Guarded<QueueEstimate> queue_estimate_;
};

}  // namespace oneshot::store
