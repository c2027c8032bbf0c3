#pragma once

#include <string>
#include <vector>

#include "tests/simulation/process.h"
#include "tests/support/store/memory_run_store.h"

namespace oneshot::simulation {

/// One controller's connection to the database: every call takes time and may fail (process.h).
/// What the api does is not done by it. The only model that knows the store's contract.
class StoreModel final : public store::RunStore {
 public:
  StoreModel(Process& process, test::MemoryRunStore& store, Oracle& oracle)
      : process_(process), store_(store), oracle_(oracle) {}

  base::Result<store::Submitted> Submit(const store::Submission&) override;
  base::Result<store::Submitted> FindSubmitted(const std::string&,
                                               const store::IdempotencyKey&) override;
  base::Result<domain::Run> Get(const std::string& id) override;
  base::Result<std::vector<domain::File>> ReadFiles(const std::string& id) override;
  base::Result<domain::RunStatus> GetStatus(const std::string& id) override;
  base::Result<store::RunLook> Look(const std::string&, store::OutputPosition,
                                    std::int64_t) override;
  base::Result<std::vector<domain::Run>> List(const store::ListQuery&) override;
  base::Result<domain::RunStatus> RequestCancel(const std::string&) override;
  base::Result<store::StdinAnswer> AddStdin(const std::string& id, std::optional<int> seq,
                                            const domain::StdinPiece& piece,
                                            const store::StdinBounds& bounds) override;
  base::Status Delete(const std::string&) override;
  base::Result<store::Shared> CreateShare(const store::NewShare&,
                                          const store::ShareBounds&) override;
  base::Result<store::Share> GetShare(const std::string&) override;
  base::Status DeleteShare(const std::string&) override;

  base::Result<std::int64_t> TakeEpoch(const std::string& holder) override;
  base::Result<store::ClaimResult> Claim(std::int64_t epoch,
                                         const store::ClaimRequest& request) override;
  base::Result<std::vector<store::ClaimedRun>> AdoptActive(
      std::int64_t epoch, const std::vector<std::string>& known_run_ids) override;
  base::Result<std::vector<std::string>> ClaimedJobs(
      const std::vector<std::string>& job_names) override;
  base::Result<std::vector<std::string>> Retire(std::int64_t epoch,
                                                const std::vector<std::string>& names) override;
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
  base::Result<store::QueueLoad> MeasureQueue() override;
  base::Result<std::int64_t> StoredBytes() override;
  base::Result<std::int64_t> DeleteFinishedOlderThan(base::Milliseconds age, int limit) override;
  base::Result<std::int64_t> DeleteFinishedBeyond(std::int64_t bytes, int limit) override;
  base::Status Ping() override;

 private:
  void Note(const std::vector<store::ClaimedRun>& runs, const std::string& verb);

  Process& process_;
  test::MemoryRunStore& store_;
  Oracle& oracle_;
};

}  // namespace oneshot::simulation
