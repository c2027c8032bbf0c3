// What the controller asks of the store: claiming, and fenced writes about the attempts it holds.
#include <string>

#include "core/base/utf8.h"
#include "core/store/pg_call.h"
#include "core/store/pg_rows.h"
#include "core/store/pg_statements.h"

namespace oneshot::store {
namespace {

using base::Error;
using base::ErrorCode;

constexpr const char* kTakeEpoch =
    "UPDATE leadership SET epoch = epoch + 1, holder = $1, taken_at = now() RETURNING epoch";

// $1 epoch, $2 now, $3 names of waiting Jobs, $4 their memory class, $5 cold slots.
// Two looks at the queue, so that runs too large for the pool at its head do not keep smaller ones
// from waiting Jobs.
const std::string kClaim =
    "WITH waiting AS (SELECT name, n FROM unnest($3::text[]) WITH ORDINALITY AS w (name, n)),"
    " warm_due AS (SELECT id FROM runs WHERE status = 'queued' AND not_before <= "
    "to_timestamp($2::bigint / 1e6)"
    "   AND memory_mib <= $4 AND scratch_mib = 0 ORDER BY id LIMIT cardinality($3::text[]) FOR "
    "UPDATE SKIP LOCKED),"
    " warm AS (SELECT d.id, w.name FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM "
    "warm_due) AS d"
    "   JOIN waiting w ON w.n = d.n),"
    " cold AS (SELECT id FROM runs WHERE status = 'queued' AND not_before <= "
    "to_timestamp($2::bigint / 1e6)"
    "   AND id NOT IN (SELECT id FROM warm) ORDER BY id LIMIT $5 FOR UPDATE SKIP LOCKED),"
    " picked AS (SELECT id, name FROM warm UNION ALL SELECT id, NULL FROM cold),"
    " r AS (UPDATE runs SET status = 'starting', attempt = runs.attempt + 1, epoch = $1,"
    "   claimed_at = to_timestamp($2::bigint / 1e6), started_at = NULL FROM picked"
    "   WHERE runs.id = picked.id AND EXISTS (SELECT 1 FROM leadership WHERE epoch = $1)"
    "   RETURNING runs.*, coalesce(picked.name, 'run-' || runs.id || '-' || runs.attempt) AS "
    "job_name),"
    " a AS (INSERT INTO attempts (run_id, attempt, job_name, claimed_at)"
    "   SELECT id, attempt, job_name, claimed_at FROM r RETURNING *)"
    " SELECT " +
    std::string(kRunColumns) + kSpecColumns + " FROM r JOIN a ON a.run_id = r.id ORDER BY r.id";

const std::string kAdopt =
    std::string(
        "WITH r AS (UPDATE runs SET epoch = $1 WHERE status IN ('starting', 'running') AND epoch < "
        "$1"
        "   AND EXISTS (SELECT 1 FROM leadership WHERE epoch = $1) RETURNING *) SELECT ") +
    kRunColumns + kSpecColumns +
    " FROM r JOIN attempts a ON a.run_id = r.id AND a.attempt = r.attempt ORDER BY r.id";

constexpr const char* kClaimedJobs =
    "SELECT job_name FROM attempts WHERE job_name = ANY ($1::text[])";

constexpr const char* kCancelRequested =
    "SELECT id FROM runs WHERE cancel_requested AND status IN ('starting', 'running') AND epoch = "
    "$1";

// What every fenced write begins with: the run, if this epoch still holds this attempt of it.
#define ONESHOT_HELD                                                                        \
  "runs.id = $1 AND runs.attempt = $2 AND runs.epoch = $3 AND runs.status IN ('starting', " \
  "'running')"

// $4..$8 what is known of the Job's pod (empty: not yet), $9.. output.
#define ONESHOT_STORE_PROGRESS                                                                  \
  " pod AS (UPDATE attempts SET pod = coalesce(nullif($4, ''), attempts.pod),"                  \
  "   pod_uid = coalesce(nullif($5, ''), attempts.pod_uid), node = coalesce(nullif($6, ''), "   \
  "attempts.node),"                                                                             \
  "   image = coalesce(nullif($7, ''), attempts.image) FROM held"                               \
  "   WHERE attempts.run_id = held.id AND attempts.attempt = $2),"                              \
  " output AS (INSERT INTO output_records (run_id, attempt, seq, stream, ms, data, "            \
  "dropped_bytes, mime, part, parts)"                                                           \
  "   SELECT held.id, $2, o.* FROM held, unnest($9::bigint[], $10::smallint[], $11::bigint[], " \
  "$12::bytea[],"                                                                               \
  "   $13::bigint[], $14::text[], $15::int[], $16::int[]) AS o ON CONFLICT DO NOTHING)"

constexpr const char* kProgress =
    "WITH held AS (UPDATE runs SET status = CASE WHEN $8::bigint IS NULL THEN status ELSE "
    "'running' END,"
    " started_at = coalesce(started_at, to_timestamp($8::bigint / 1e6)) WHERE " ONESHOT_HELD
    " RETURNING id)," ONESHOT_STORE_PROGRESS " SELECT count(*) FROM held";

// Output alone leaves the run's row in peace: writing it again for every piece would bloat it.
constexpr const char* kOutput =
    "WITH held AS (SELECT id FROM runs WHERE " ONESHOT_HELD
    " AND ($8::bigint IS NULL OR started_at IS NOT NULL) FOR UPDATE)," ONESHOT_STORE_PROGRESS
    " SELECT count(*) FROM held";

constexpr const char* kFinish =
    "WITH held AS (UPDATE runs SET status = $17, reason = $18, message = $19, exit_code = $20, "
    "signal = $21,"
    " stdout_bytes = $22, stdout_dropped_bytes = $23, stderr_bytes = $24, stderr_dropped_bytes = "
    "$25, wall_ms = $26,"
    " cpu_ms = $27, peak_memory_bytes = $28, output_incomplete = $29, finished_at = "
    "to_timestamp($30::bigint / 1e6),"
    " started_at = coalesce(started_at, to_timestamp($8::bigint / 1e6)) WHERE " ONESHOT_HELD
    " RETURNING id)," ONESHOT_STORE_PROGRESS " SELECT count(*) FROM held";

// $4 reason, $5 message, $6 retry after (us), $7 most attempts, $8 now.
// A run whose user wants it gone is not queued again.
constexpr const char* kInterrupt =
    "WITH held AS (SELECT id, cancel_requested, spent_attempts + 1 AS spent FROM runs "
    "WHERE " ONESHOT_HELD
    " FOR UPDATE),"
    " verdict AS (SELECT id, spent, CASE WHEN cancel_requested THEN 'cancelled' WHEN spent >= $7 "
    "THEN 'error'"
    "   ELSE 'queued' END AS status FROM held),"
    " gone AS (DELETE FROM output_records o USING verdict v WHERE v.status = 'queued' AND o.run_id "
    "= v.id),"
    " noted AS (UPDATE attempts SET interrupted_reason = $4 FROM verdict v"
    "   WHERE attempts.run_id = v.id AND attempts.attempt = $2)"
    " UPDATE runs SET status = v.status, spent_attempts = v.spent,"
    "   not_before = to_timestamp(($8::bigint + $6::bigint) / 1e6),"
    "   claimed_at = CASE WHEN v.status = 'queued' THEN NULL ELSE claimed_at END,"
    "   started_at = CASE WHEN v.status = 'queued' THEN NULL ELSE started_at END,"
    "   finished_at = CASE WHEN v.status = 'queued' THEN NULL ELSE to_timestamp($8::bigint / 1e6) "
    "END,"
    "   output_incomplete = CASE WHEN v.status = 'queued' THEN NULL ELSE started_at IS NOT NULL "
    "END,"
    "   reason = CASE v.status WHEN 'error' THEN $4 WHEN 'cancelled' THEN 'cancelled' END,"
    "   message = CASE v.status WHEN 'error' THEN $5 END"
    " FROM verdict v WHERE runs.id = v.id RETURNING runs.status";

#undef ONESHOT_HELD
#undef ONESHOT_STORE_PROGRESS

/// A text that PostgreSQL takes, whatever a kubelet's message held.
std::string CleanText(const std::string& text) {
  std::string clean = base::ReplaceInvalidUtf8(text);
  std::erase(clean, '\0');
  return clean;
}

std::string TextArray(const std::vector<std::string>& names) {
  std::string array = "{";
  for (const std::string& name : names) {
    if (array.size() > 1) array += ',';
    array += '"' + name + '"';  // Job names hold nothing that would need escaping
  }
  return array + '}';
}

std::vector<ClaimedRun> ReadClaimed(const pqxx::result& rows, bool recovered) {
  std::vector<ClaimedRun> claimed;
  for (const pqxx::row& row : rows) claimed.push_back({ReadRun(row), recovered});
  return claimed;
}

std::optional<std::int64_t> Microseconds(const std::optional<base::WallTime>& time) {
  return time ? std::optional(ToMicroseconds(*time)) : std::nullopt;
}

base::Status HeldOrConflict(const base::Result<std::int64_t>& held, const std::string& id) {
  if (!held) return held.error();
  if (*held == 0)
    return Error{ErrorCode::kConflict, "this attempt of " + id + " is no longer ours to write"};
  return {};
}

std::int64_t CountOf(const pqxx::result& rows) { return rows[0][0].as<std::int64_t>(); }

}  // namespace

std::vector<PgConnections::Statement> QueueStatements() {
  return {{"take_epoch", kTakeEpoch},
          {"claim", kClaim.c_str()},
          {"adopt", kAdopt.c_str()},
          {"claimed_jobs", kClaimedJobs},
          {"cancel_requested", kCancelRequested},
          {"progress", kProgress},
          {"output", kOutput},
          {"finish", kFinish},
          {"interrupt", kInterrupt}};
}

PgRunStore::PgRunStore(const std::string& database_url, int connections)
    : connections_(database_url, connections, [] {
        auto statements = RecordStatements();
        for (const auto& statement : QueueStatements()) statements.push_back(statement);
        return statements;
      }()) {}

base::Result<std::int64_t> PgRunStore::TakeEpoch(const std::string& holder) {
  return With<std::int64_t>(Effect::kWrites,
                            [&](pqxx::nontransaction& session) -> base::Result<std::int64_t> {
                              return CountOf(session.exec_prepared("take_epoch", holder));
                            });
}

base::Result<std::vector<ClaimedRun>> PgRunStore::Claim(std::int64_t epoch,
                                                        const ClaimRequest& request,
                                                        base::WallTime now) {
  using Claimed = std::vector<ClaimedRun>;
  return With<Claimed>(
      Effect::kWrites, [&](pqxx::nontransaction& session) -> base::Result<Claimed> {
        return ReadClaimed(session.exec_prepared("claim", epoch, ToMicroseconds(now),
                                                 TextArray(request.warm_job_names),
                                                 request.pool_memory_mib, request.cold_slots),
                           /*recovered=*/false);
      });
}

base::Result<std::vector<ClaimedRun>> PgRunStore::AdoptActive(std::int64_t epoch) {
  using Claimed = std::vector<ClaimedRun>;
  return With<Claimed>(
      Effect::kWrites, [&](pqxx::nontransaction& session) -> base::Result<Claimed> {
        return ReadClaimed(session.exec_prepared("adopt", epoch), /*recovered=*/true);
      });
}

base::Result<std::vector<std::string>> PgRunStore::ClaimedJobs(
    const std::vector<std::string>& job_names) {
  using Names = std::vector<std::string>;
  return With<Names>(Effect::kReads, [&](pqxx::nontransaction& session) -> base::Result<Names> {
    Names names;
    for (const pqxx::row& row : session.exec_prepared("claimed_jobs", TextArray(job_names))) {
      names.push_back(row[0].as<std::string>());
    }
    return names;
  });
}

base::Result<std::vector<std::string>> PgRunStore::ListCancelRequested(std::int64_t epoch) {
  using Names = std::vector<std::string>;
  return With<Names>(Effect::kReads, [&](pqxx::nontransaction& session) -> base::Result<Names> {
    Names ids;
    for (const pqxx::row& row : session.exec_prepared("cancel_requested", epoch)) {
      ids.push_back(row[0].as<std::string>());
    }
    return ids;
  });
}

base::Status PgRunStore::RecordProgress(std::int64_t epoch, const std::string& id, int attempt,
                                        const Progress& progress) {
  auto held = With<std::int64_t>(
      Effect::kWrites, [&](pqxx::nontransaction& session) -> base::Result<std::int64_t> {
        const RecordArrays output(progress.records);
        const auto store = [&](const char* statement) {
          return CountOf(session.exec_prepared(
              statement, id, attempt, epoch, progress.job.pod, progress.job.pod_uid,
              CleanText(progress.job.node), CleanText(progress.job.image),
              Microseconds(progress.started_at), output.seq, output.stream, output.ms, output.data,
              output.dropped_bytes, output.mime, output.part, output.parts));
        };
        const std::int64_t stored = store("output");
        // Nothing held: either the program's beginning is news, or this attempt is over; the second
        // look tells.
        return stored > 0 ? stored : store("progress");
      });
  return HeldOrConflict(held, id);
}

base::Status PgRunStore::Finish(std::int64_t epoch, const std::string& id, int attempt,
                                const Progress& progress, const domain::Outcome& outcome,
                                base::WallTime now) {
  auto held = With<std::int64_t>(
      Effect::kWrites, [&](pqxx::nontransaction& session) -> base::Result<std::int64_t> {
        const RecordArrays output(progress.records);
        return CountOf(session.exec_prepared(
            "finish", id, attempt, epoch, progress.job.pod, progress.job.pod_uid,
            CleanText(progress.job.node), CleanText(progress.job.image),
            Microseconds(progress.started_at), output.seq, output.stream, output.ms, output.data,
            output.dropped_bytes, output.mime, output.part, output.parts,
            std::string(ToString(outcome.status)), outcome.reason, CleanText(outcome.message),
            outcome.exit_code, outcome.signal, outcome.stdout_bytes.produced,
            outcome.stdout_bytes.dropped, outcome.stderr_bytes.produced,
            outcome.stderr_bytes.dropped, outcome.wall_ms, outcome.cpu_ms,
            outcome.peak_memory_bytes, outcome.output_incomplete, ToMicroseconds(now)));
      });
  return HeldOrConflict(held, id);
}

base::Result<domain::RunStatus> PgRunStore::Interrupt(std::int64_t epoch, const std::string& id,
                                                      int attempt, const Interruption& interruption,
                                                      int max_attempts, base::WallTime now) {
  using domain::RunStatus;
  return With<
      RunStatus>(Effect::kWrites, [&](pqxx::nontransaction& session) -> base::Result<RunStatus> {
    const auto retry_after =
        std::chrono::duration_cast<std::chrono::microseconds>(interruption.retry_after).count();
    const pqxx::result rows = session.exec_prepared(
        "interrupt", id, attempt, epoch, interruption.reason, CleanText(interruption.message),
        retry_after, max_attempts, ToMicroseconds(now));
    if (rows.empty())
      return Error{ErrorCode::kConflict, "this attempt of " + id + " is no longer ours to write"};
    return domain::ParseRunStatus(rows[0][0].as<std::string>()).value_or(RunStatus::kError);
  });
}

}  // namespace oneshot::store
