#pragma once

#include <map>
#include <memory>
#include <string>

#include "core/base/guarded.h"
#include "core/store/run_store.h"

namespace oneshot::store {

class PgConnections;

/// Runs in PostgreSQL. The schema must be up to date (migrate.h).
///
/// Each call is one statement of core/store/statements, which commits by itself: one round trip.
/// A connection is opened when it
/// is first needed and prepares a statement when it is first used, which costs a round trip more.
class PgRunStore final : public RunStore {
 public:
  /// `connections` limits how many calls run at once; further ones wait. `call_timeout` bounds
  /// every call, whatever becomes of the server; see PgConnections.
  PgRunStore(const std::string& database_url, int connections, base::Milliseconds call_timeout);
  ~PgRunStore() override;

  base::Result<Submitted> Submit(const Submission& submission) override;
  base::Result<Submitted> FindSubmitted(const std::string& submitter,
                                        const IdempotencyKey& key) override;
  base::Result<domain::Run> Get(const std::string& id) override;
  base::Result<std::vector<domain::File>> ReadFiles(const std::string& id) override;
  base::Result<domain::RunStatus> GetStatus(const std::string& id) override;
  base::Result<RunLook> Look(const std::string& id, OutputPosition seen,
                             std::int64_t max_bytes) override;
  base::Result<QueueLoad> MeasureQueue() override;
  base::Result<std::int64_t> StoredBytes() override;
  base::Result<std::vector<domain::Run>> List(const ListQuery& query) override;
  base::Result<domain::RunStatus> RequestCancel(const std::string& id) override;
  base::Result<StdinAnswer> AddStdin(const std::string& id, std::optional<int> seq,
                                     const domain::StdinPiece& piece,
                                     const StdinBounds& bounds) override;
  base::Status Delete(const std::string& id) override;
  base::Result<Shared> CreateShare(const NewShare& share, const ShareBounds& bounds) override;
  base::Result<Share> GetShare(const std::string& id) override;
  base::Status DeleteShare(const std::string& id) override;

  base::Result<std::int64_t> TakeEpoch(const std::string& holder) override;
  base::Result<ClaimResult> Claim(std::int64_t epoch, const ClaimRequest& request) override;
  base::Result<std::vector<ClaimedRun>> AdoptActive(
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
  base::Result<std::int64_t> RecordProgress(std::int64_t epoch, const AttemptRef& attempt,
                                            const Progress& progress) override;
  base::Result<std::int64_t> Finish(std::int64_t epoch, const AttemptRef& attempt,
                                    const Progress& progress,
                                    const domain::Outcome& outcome) override;
  base::Result<domain::RunStatus> Interrupt(std::int64_t epoch, const AttemptRef& attempt,
                                            const Interruption& interruption,
                                            const RetryLimits& limits) override;
  base::Result<std::int64_t> DeleteFinishedOlderThan(base::Milliseconds age, int limit) override;
  base::Result<std::int64_t> DeleteFinishedBeyond(std::int64_t bytes, int limit) override;
  base::Status Ping() override;

 private:
  const std::unique_ptr<PgConnections> connections_;
  /// Submissions that are under way, by submitter. PostgreSQL shows them to one another only when
  /// they are committed, and their places in the queue should differ.
  base::Guarded<std::map<std::string, int>> submitting_;
};

}  // namespace oneshot::store
