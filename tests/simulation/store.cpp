#include "tests/simulation/store.h"

#include <cstdlib>

namespace oneshot::simulation {
namespace {

using base::Result;
using base::Status;
using Side = Process::Side;
using Effect = Process::Effect;

/// The api's calls, which no controller makes.
[[noreturn]] void Unexpected() { std::abort(); }

std::string Of(const std::string& id, int attempt) { return id + "#" + std::to_string(attempt); }
std::string Of(const store::AttemptRef& attempt) { return Of(attempt.run_id, attempt.attempt); }

}  // namespace

Result<store::Submitted> StoreModel::Submit(const store::Submission&) { Unexpected(); }
Result<store::Submitted> StoreModel::FindSubmitted(const std::string&,
                                                   const store::IdempotencyKey&) {
  Unexpected();
}
Result<domain::Run> StoreModel::Get(const std::string&) { Unexpected(); }
Result<std::vector<domain::File>> StoreModel::ReadFiles(const std::string&) { Unexpected(); }
Result<domain::RunStatus> StoreModel::GetStatus(const std::string&) { Unexpected(); }
Result<store::RunLook> StoreModel::Look(const std::string&, store::OutputPosition, std::int64_t) {
  Unexpected();
}
Result<std::vector<domain::Run>> StoreModel::List(const store::ListQuery&) { Unexpected(); }
Result<domain::RunStatus> StoreModel::RequestCancel(const std::string&) { Unexpected(); }
Result<store::StdinAnswer> StoreModel::AddStdin(const std::string&, std::optional<int>,
                                                const domain::StdinPiece&,
                                                const store::StdinBounds&) {
  Unexpected();
}
Result<std::map<std::string, int>> StoreModel::NextStdin(const std::vector<std::string>&) {
  Unexpected();
}
Result<std::vector<domain::StdinPiece>> StoreModel::ReadStdin(const std::string&, int) {
  Unexpected();
}
Status StoreModel::Delete(const std::string&) { Unexpected(); }
Result<store::Shared> StoreModel::CreateShare(const store::NewShare&, const store::ShareBounds&) {
  Unexpected();
}
Result<store::Share> StoreModel::GetShare(const std::string&) { Unexpected(); }
Status StoreModel::DeleteShare(const std::string&) { Unexpected(); }
Status StoreModel::Ping() { Unexpected(); }

void StoreModel::Note(const std::vector<store::ClaimedRun>& runs, const std::string& verb) {
  for (const store::ClaimedRun& each : runs)
    process_.Note(verb + Of(each.run.id, each.run.attempt) + " in " + each.run.job->name);
}

Result<std::int64_t> StoreModel::TakeEpoch(const std::string& holder) {
  return process_.Call<Result<std::int64_t>>(Side::kStore, Effect::kWrite,
                                             {"takes an epoch", {}, false},
                                             [this, holder] { return store_.TakeEpoch(holder); });
}

Result<store::ClaimResult> StoreModel::Claim(std::int64_t epoch,
                                             const store::ClaimRequest& request) {
  return process_.Call<Result<store::ClaimResult>>(
      Side::kStore, Effect::kWrite, {"claims"}, [this, epoch, request] {
        auto claimed = store_.Claim(epoch, request);
        if (!claimed) return claimed;
        for (const store::ClaimedRun& each : claimed->runs)
          oracle_.OnClaim(each.run.id, each.run.job->name);
        Note(claimed->runs, "claims ");
        return claimed;
      });
}

Result<std::vector<store::ClaimedRun>> StoreModel::AdoptActive(
    std::int64_t epoch, const std::vector<std::string>& known_run_ids) {
  return process_.Call<Result<std::vector<store::ClaimedRun>>>(
      Side::kStore, Effect::kWrite, {"adopts"}, [this, epoch, known_run_ids] {
        auto adopted = store_.AdoptActive(epoch, known_run_ids);
        if (!adopted) return adopted;
        for (const store::ClaimedRun& each : *adopted)
          oracle_.OnAdopt(each.run.id, each.run.attempt);
        Note(*adopted, "adopts ");
        return adopted;
      });
}

Result<std::vector<std::string>> StoreModel::Retire(std::int64_t epoch,
                                                    const std::vector<std::string>& names) {
  return process_.Call<Result<std::vector<std::string>>>(
      Side::kStore, Effect::kWrite, {"retires ", names.front(), false},
      [this, epoch, names] { return store_.Retire(epoch, names); });
}

Result<store::QueueLoad> StoreModel::MeasureQueue() {
  return process_.Call<Result<store::QueueLoad>>(Side::kStore, Effect::kRead,
                                                 {"measures the queue"},
                                                 [this] { return store_.MeasureQueue(); });
}

Result<std::int64_t> StoreModel::StoredBytes() {
  return process_.Call<Result<std::int64_t>>(Side::kStore, Effect::kRead,
                                             {"asks how much is stored"},
                                             [this] { return store_.StoredBytes(); });
}

Result<std::vector<std::string>> StoreModel::ClaimedJobs(const std::vector<std::string>& names) {
  return process_.Call<Result<std::vector<std::string>>>(
      Side::kStore, Effect::kRead, {"asks which Jobs are claimed"},
      [this, names] { return store_.ClaimedJobs(names); });
}

Result<std::vector<std::string>> StoreModel::ListCancelRequested(std::int64_t epoch) {
  return process_.Call<Result<std::vector<std::string>>>(
      Side::kStore, Effect::kRead, {"asks for cancellations"},
      [this, epoch] { return store_.ListCancelRequested(epoch); });
}

Result<std::int64_t> StoreModel::RecordProgress(std::int64_t epoch,
                                                const store::AttemptRef& attempt,
                                                const store::Progress& progress) {
  return process_.Call<Result<std::int64_t>>(
      Side::kStore, Effect::kWrite,
      {"records ", Of(attempt) + ", " + std::to_string(progress.records.size()) + " records",
       false},
      [this, epoch, attempt, progress] { return store_.RecordProgress(epoch, attempt, progress); });
}

Result<std::int64_t> StoreModel::Finish(std::int64_t epoch, const store::AttemptRef& attempt,
                                        const store::Progress& progress,
                                        const domain::Outcome& outcome) {
  return process_.Call<Result<std::int64_t>>(
      Side::kStore, Effect::kWrite,
      {"ends ",
       Of(attempt) + ": " + std::string(ToString(outcome.status)) + ", " + outcome.reason +
           (outcome.output_incomplete ? ", incomplete" : ""),
       false},
      [this, epoch, attempt, progress, outcome] {
        return store_.Finish(epoch, attempt, progress, outcome);
      });
}

Result<domain::RunStatus> StoreModel::Interrupt(std::int64_t epoch,
                                                const store::AttemptRef& attempt,
                                                const store::Interruption& interruption,
                                                const store::RetryLimits& limits) {
  return process_.Call<Result<domain::RunStatus>>(
      Side::kStore, Effect::kWrite,
      {interruption.may_have_begun ? "interrupts " : "gives up the start of ",
       Of(attempt) + ": " + interruption.reason, false},
      [this, epoch, attempt, interruption, limits] {
        auto status = store_.Interrupt(epoch, attempt, interruption, limits);
        if (status)
          oracle_.OnInterrupt(attempt.run_id, attempt.attempt, *status,
                              interruption.may_have_begun);
        return status;
      });
}

Result<std::int64_t> StoreModel::DeleteFinishedOlderThan(base::Milliseconds age, int limit) {
  return process_.Call<Result<std::int64_t>>(
      Side::kStore, Effect::kWrite, {"deletes old runs"},
      [this, age, limit] { return store_.DeleteFinishedOlderThan(age, limit); });
}

Result<std::int64_t> StoreModel::DeleteFinishedBeyond(std::int64_t bytes, int limit) {
  return process_.Call<Result<std::int64_t>>(
      Side::kStore, Effect::kWrite, {"deletes runs for room"},
      [this, bytes, limit] { return store_.DeleteFinishedBeyond(bytes, limit); });
}

}  // namespace oneshot::simulation
