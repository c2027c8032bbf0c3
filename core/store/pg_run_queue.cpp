// What the controller asks of the store: claiming, and fenced writes about the attempts it holds.
#include <string>

#include "core/store/pg_connections.h"
#include "core/store/pg_rows.h"
#include "core/store/pg_run_store.h"

namespace oneshot::store {
namespace {

base::Error NotHeld(const std::string& id) {
  return {base::ErrorCode::kConflict, "this attempt of " + id + " is no longer ours to write"};
}

std::vector<ClaimedRun> ReadClaimed(const pqxx::result& rows, bool recovered) {
  std::vector<ClaimedRun> claimed;
  for (const pqxx::row& row : rows) claimed.push_back({ReadRun(row), recovered});
  return claimed;
}

}  // namespace

base::Result<std::int64_t> PgRunStore::TakeEpoch(const std::string& holder) {
  return connections_->With(Effect::kWrites, [&](Session& session) {
    return ReadNumber(session.exec_prepared("take_epoch", holder));
  });
}

base::Result<std::vector<ClaimedRun>> PgRunStore::Claim(std::int64_t epoch,
                                                        const ClaimRequest& request,
                                                        base::WallTime now) {
  return connections_->With(Effect::kWrites, [&](Session& session) {
    return ReadClaimed(session.exec_prepared("claim", epoch, ToMicroseconds(now),
                                             EncodeTexts(request.warm_job_names),
                                             request.pool_memory_mib, request.cold_slots),
                       /*recovered=*/false);
  });
}

base::Result<std::vector<ClaimedRun>> PgRunStore::AdoptActive(std::int64_t epoch) {
  return connections_->With(Effect::kWrites, [&](Session& session) {
    return ReadClaimed(session.exec_prepared("adopt_active", epoch), /*recovered=*/true);
  });
}

base::Result<std::vector<std::string>> PgRunStore::ClaimedJobs(
    const std::vector<std::string>& job_names) {
  return connections_->With(Effect::kReads, [&](Session& session) {
    return ReadTexts(session.exec_prepared("claimed_jobs", EncodeTexts(job_names)));
  });
}

base::Result<std::vector<std::string>> PgRunStore::ListCancelRequested(std::int64_t epoch) {
  return connections_->With(Effect::kReads, [&](Session& session) {
    return ReadTexts(session.exec_prepared("list_cancel_requested", epoch));
  });
}

base::Status PgRunStore::RecordProgress(std::int64_t epoch, const std::string& id, int attempt,
                                        const Progress& progress) {
  const std::string output = EncodeRecords(progress.records);
  return connections_->With(Effect::kWrites, [&](Session& session) -> base::Status {
    const pqxx::result held =
        session.exec_prepared("record_progress", id, attempt, epoch, EncodePod(progress.job),
                              ToMicroseconds(progress.started_at), output);
    if (held.empty()) return NotHeld(id);
    return {};
  });
}

base::Status PgRunStore::Finish(std::int64_t epoch, const std::string& id, int attempt,
                                const Progress& progress, const domain::Outcome& outcome,
                                base::WallTime now) {
  const std::string output = EncodeRecords(progress.records);
  return connections_->With(Effect::kWrites, [&](Session& session) -> base::Status {
    const pqxx::result held = session.exec_prepared(
        "finish", id, attempt, epoch, EncodePod(progress.job), ToMicroseconds(progress.started_at),
        output, EncodeOutcome(outcome), ToMicroseconds(now));
    if (held.empty()) return NotHeld(id);
    return {};
  });
}

base::Result<domain::RunStatus> PgRunStore::Interrupt(std::int64_t epoch, const std::string& id,
                                                      int attempt, const Interruption& interruption,
                                                      int max_attempts, base::WallTime now) {
  const std::chrono::microseconds retry_after = interruption.retry_after;
  return connections_->With(Effect::kWrites, [&](Session& session) {
    return ReadFirst(session.exec_prepared("interrupt", id, attempt, epoch, interruption.reason,
                                           CleanText(interruption.message), retry_after.count(),
                                           max_attempts, ToMicroseconds(now)),
                     NotHeld(id), ReadStatus);
  });
}

}  // namespace oneshot::store
