// What the controller asks of the store: claiming, and fenced writes about the attempts it holds.
#include <optional>
#include <string>

#include "core/store/output_chunk.h"
#include "core/store/pg_connections.h"
#include "core/store/pg_rows.h"
#include "core/store/pg_run_store.h"

namespace oneshot::store {
namespace {

using base::Error;
using base::ErrorCode;

Error NotHeld(const std::string& id) {
  return {ErrorCode::kConflict, "this attempt of " + id + " is no longer ours to write"};
}

std::vector<ClaimedRun> ReadClaimed(const pqxx::result& rows, bool recovered) {
  std::vector<ClaimedRun> claimed;
  for (const pqxx::row& row : rows)
    claimed.push_back({ReadRun(row), recovered, row["next_seq"].as<std::int64_t>()});
  return claimed;
}

/// A Progress as record_progress.sql and finish.sql take it.
struct ProgressParameters {
  std::string pod;
  std::optional<std::int64_t> started_ago;
  // Equal when there is no new output.
  std::int64_t first_seq{0};
  std::int64_t next_seq{0};
  std::int64_t bytes{0};
  std::string chunk;
  std::optional<std::string> displays;
};

base::Result<ProgressParameters> ToParameters(const Progress& progress) {
  ProgressParameters parameters{
      .pod = EncodePod(progress.job), .started_ago = {}, .chunk = {}, .displays = {}};
  if (progress.started_ago) parameters.started_ago = ToMicroseconds(*progress.started_ago);
  if (progress.records.empty()) return parameters;
  parameters.first_seq = parameters.next_seq = progress.records.front().seq;
  for (const domain::OutputRecord& record : progress.records) {
    if (record.seq != parameters.next_seq++)
      return Error{ErrorCode::kInvalidArgument, "the records' numbers do not follow one another"};
    parameters.bytes += domain::BytesOf(record);
  }
  parameters.chunk = EncodeChunk(progress.records);
  if (std::string displays = EncodeDisplays(progress.records); !displays.empty())
    parameters.displays = std::move(displays);
  return parameters;
}

Error EpochIsOver() { return {ErrorCode::kConflict, "this epoch is over"}; }

std::int64_t ReadNextSeq(const pqxx::row& row) { return row["next_seq"].as<std::int64_t>(); }

}  // namespace

base::Result<std::int64_t> PgRunStore::TakeEpoch(const std::string& holder) {
  return connections_->With(Effect::kWrites, [&](Session& session) {
    return ReadNumber(session.exec_prepared("take_epoch", holder));
  });
}

base::Result<ClaimResult> PgRunStore::Claim(std::int64_t epoch, const ClaimRequest& request) {
  return connections_->With(Effect::kWrites, [&](Session& session) {
    const pqxx::result rows = session.exec_prepared(
        "claim", epoch, EncodeTexts(request.warm_job_names), request.pool_memory_mib,
        request.cold_slots, request.max_active_of_submitter);
    return ClaimResult{.runs = ReadClaimed(rows, /*recovered=*/false),
                       .has_more = !rows.empty() && rows[0]["has_more"].as<bool>()};
  });
}

base::Result<std::vector<ClaimedRun>> PgRunStore::AdoptActive(
    std::int64_t epoch, const std::vector<std::string>& known_run_ids) {
  return connections_->With(
      Effect::kWrites, [&](Session& session) -> base::Result<std::vector<ClaimedRun>> {
        const pqxx::result rows =
            session.exec_prepared("adopt_active", epoch, EncodeTexts(known_run_ids));
        if (rows.empty()) return EpochIsOver();
        if (rows[0]["id"].is_null()) return std::vector<ClaimedRun>{};
        return ReadClaimed(rows, /*recovered=*/true);
      });
}

base::Result<std::vector<std::string>> PgRunStore::ClaimedJobs(
    const std::vector<std::string>& job_names) {
  return connections_->With(Effect::kReads, [&](Session& session) {
    return ReadTexts(session.exec_prepared("claimed_jobs", EncodeTexts(job_names)));
  });
}

base::Result<std::vector<std::string>> PgRunStore::Retire(
    std::int64_t epoch, const std::vector<std::string>& job_names) {
  return connections_->With(
      Effect::kWrites, [&](Session& session) -> base::Result<std::vector<std::string>> {
        const pqxx::result rows = session.exec_prepared("retire", epoch, EncodeTexts(job_names));
        if (rows.empty()) return EpochIsOver();
        if (rows[0][0].is_null()) return std::vector<std::string>{};
        return ReadTexts(rows);
      });
}

base::Result<std::vector<std::string>> PgRunStore::ListCancelRequested(std::int64_t epoch) {
  return connections_->With(Effect::kReads, [&](Session& session) {
    return ReadTexts(session.exec_prepared("list_cancel_requested", epoch));
  });
}

base::Result<std::int64_t> PgRunStore::RecordProgress(std::int64_t epoch, const AttemptRef& attempt,
                                                      const Progress& progress) {
  const auto given = ToParameters(progress);
  if (!given) return given.error();
  return connections_->With(Effect::kWrites, [&](Session& session) {
    return ReadFirst(
        session.exec_prepared("record_progress", attempt.run_id, attempt.attempt, epoch, given->pod,
                              given->started_ago, given->first_seq, given->next_seq, given->bytes,
                              given->chunk, CleanText(progress.message), attempt.job_name,
                              given->displays),
        NotHeld(attempt.run_id), ReadNextSeq);
  });
}

base::Result<std::int64_t> PgRunStore::Finish(std::int64_t epoch, const AttemptRef& attempt,
                                              const Progress& progress,
                                              const domain::Outcome& outcome) {
  const auto given = ToParameters(progress);
  if (!given) return given.error();
  return connections_->With(Effect::kWrites, [&](Session& session) {
    return ReadFirst(session.exec_prepared(
                         "finish", attempt.run_id, attempt.attempt, epoch, given->pod,
                         given->started_ago, given->first_seq, given->next_seq, given->bytes,
                         given->chunk, EncodeOutcome(outcome), attempt.job_name, given->displays),
                     NotHeld(attempt.run_id), ReadNextSeq);
  });
}

base::Result<domain::RunStatus> PgRunStore::Interrupt(std::int64_t epoch, const AttemptRef& attempt,
                                                      const Interruption& interruption,
                                                      const RetryLimits& limits) {
  return connections_->With(Effect::kWrites, [&](Session& session) {
    return ReadFirst(
        session.exec_prepared("interrupt", attempt.run_id, attempt.attempt, epoch,
                              CleanText(interruption.reason), CleanText(interruption.message),
                              CleanText(interruption.node), interruption.may_have_begun,
                              ToMicroseconds(interruption.retry_after), limits.max_attempts,
                              ToMicroseconds(limits.queue_timeout), attempt.job_name),
        NotHeld(attempt.run_id), ReadStatus);
  });
}

}  // namespace oneshot::store
