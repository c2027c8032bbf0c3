// What the api asks of the store, and the upkeep of finished runs.
#include <string>

#include "core/store/pg_call.h"
#include "core/store/pg_rows.h"
#include "core/store/pg_statements.h"

namespace oneshot::store {
namespace {

using base::Error;
using base::ErrorCode;

const std::string kGet = std::string("SELECT ") + kRunColumns + kSpecColumns +
                         " FROM runs r LEFT JOIN attempts a ON a.run_id = r.id AND a.attempt = "
                         "r.attempt WHERE r.id = $1";

const std::string kList =
    std::string("SELECT ") + kRunColumns +
    " FROM runs r LEFT JOIN attempts a ON a.run_id = r.id AND a.attempt = r.attempt"
    " WHERE r.id < coalesce($1::text, '~') COLLATE \"C\" AND ($2::text IS NULL OR r.status = $2)"
    " ORDER BY r.id DESC LIMIT $3";

constexpr const char* kSubmit =
    "INSERT INTO runs (id, not_before, created_at, source, stdin, args, wall_ms_limit, "
    "cpu_ms_limit, memory_mib,"
    " output_bytes_limit, scratch_mib)"
    " SELECT $1, t, t, $3, $4, $5, $6, $7, $8, $9, $10 FROM (SELECT to_timestamp($2::bigint / 1e6) "
    "AS t) AS times";

// Positions beyond 10,000 interest nobody and would make every look at a long queue linear.
constexpr const char* kPosition =
    "SELECT CASE WHEN r.status <> 'queued' THEN 0 ELSE (SELECT count(*) + 1 FROM (SELECT 1 FROM "
    "runs q"
    " WHERE q.status = 'queued' AND q.id < r.id LIMIT 10000) AS before) END AS position, r.status, "
    "r.attempt"
    " FROM runs r WHERE r.id = $1";

// The running sum ends the page by bytes; the first record always comes.
constexpr const char* kReadOutput =
    "SELECT seq, stream, ms, data, dropped_bytes, mime, part, parts FROM ("
    " SELECT o.*, sum(length(data)) OVER (ORDER BY seq) - length(data) AS before FROM "
    "output_records o"
    " WHERE run_id = $1 AND attempt = $2 AND seq > $3) AS page WHERE before < $4 ORDER BY seq";

constexpr const char* kCancel =
    "UPDATE runs SET cancel_requested = true,"
    " status = CASE WHEN status = 'queued' THEN 'cancelled' ELSE status END,"
    " finished_at = CASE WHEN status = 'queued' THEN to_timestamp($2::bigint / 1e6) ELSE "
    "finished_at END,"
    " reason = CASE WHEN status = 'queued' THEN 'cancelled' ELSE reason END"
    " WHERE id = $1 AND status IN ('queued', 'starting', 'running') RETURNING status";

constexpr const char* kDelete = "DELETE FROM runs WHERE id = $1 AND finished_at IS NOT NULL";

constexpr const char* kCountQueued = "SELECT count(*) FROM runs WHERE status = 'queued'";

constexpr const char* kDeleteFinished =
    "DELETE FROM runs WHERE id IN (SELECT id FROM runs WHERE finished_at < to_timestamp($1::bigint "
    "/ 1e6)"
    " ORDER BY finished_at LIMIT $2)";

}  // namespace

std::vector<PgConnections::Statement> RecordStatements() {
  return {{"get", kGet.c_str()},
          {"list", kList.c_str()},
          {"submit", kSubmit},
          {"position", kPosition},
          {"read_output", kReadOutput},
          {"cancel", kCancel},
          {"delete", kDelete},
          {"count_queued", kCountQueued},
          {"delete_finished", kDeleteFinished}};
}

base::Status PgRunStore::Submit(const std::string& id, const domain::RunSpec& spec,
                                base::WallTime now, std::int64_t max_queued) {
  const auto queued = EstimateQueued();
  if (!queued) return queued.error();
  if (*queued >= max_queued) {
    return Error{ErrorCode::kConflict,
                 "the queue is full (" + std::to_string(max_queued) + " runs)", 2};
  }
  auto submitted =
      With<bool>(Effect::kWrites, [&](pqxx::nontransaction& session) -> base::Result<bool> {
        const domain::Limits& limits = spec.limits;
        session.exec_prepared("submit", id, ToMicroseconds(now), spec.source, spec.stdin_data,
                              EncodeArgs(spec.args), limits.wall_ms, limits.cpu_ms,
                              limits.memory_mib, limits.output_bytes, limits.scratch_mib);
        return true;
      });
  if (!submitted) return submitted.error();
  auto estimate = queue_estimate_.Acquire();
  ++estimate->queued;
  return {};
}

base::Result<std::int64_t> PgRunStore::EstimateQueued() {
  const auto now = base::SystemClock().Monotonic();
  {
    auto estimate = queue_estimate_.Acquire();
    if (estimate->counted_at != base::MonotonicTime{} &&
        now - estimate->counted_at < std::chrono::seconds(1)) {
      return estimate->queued;
    }
    estimate->counted_at = now;  // others go on with the old number while this one counts
  }
  auto counted = CountQueued();
  if (!counted) return counted;
  auto estimate = queue_estimate_.Acquire();
  estimate->queued = *counted;
  return counted;
}

base::Result<domain::Run> PgRunStore::Get(const std::string& id) {
  return With<domain::Run>(Effect::kReads,
                           [&](pqxx::nontransaction& session) -> base::Result<domain::Run> {
                             const pqxx::result rows = session.exec_prepared("get", id);
                             if (rows.empty()) return Error{ErrorCode::kNotFound, "no run " + id};
                             return ReadRun(rows[0]);
                           });
}

base::Result<RunState> PgRunStore::GetState(const std::string& id) {
  return With<RunState>(
      Effect::kReads, [&](pqxx::nontransaction& session) -> base::Result<RunState> {
        const pqxx::result rows = session.exec_prepared("position", id);
        if (rows.empty()) return Error{ErrorCode::kNotFound, "no run " + id};
        return RunState{domain::ParseRunStatus(rows[0]["status"].as<std::string>())
                            .value_or(domain::RunStatus::kError),
                        rows[0]["attempt"].as<int>(), rows[0]["position"].as<std::int64_t>()};
      });
}

base::Result<std::int64_t> PgRunStore::QueuePosition(const std::string& id) {
  auto state = GetState(id);
  if (state) return state->queue_position;
  if (state.error().code == ErrorCode::kNotFound) return 0;
  return state.error();
}

base::Result<std::vector<domain::Run>> PgRunStore::List(const ListQuery& query) {
  using Runs = std::vector<domain::Run>;
  return With<Runs>(Effect::kReads, [&](pqxx::nontransaction& session) -> base::Result<Runs> {
    const auto status = query.status ? std::optional(std::string(ToString(*query.status)))
                                     : std::optional<std::string>();
    Runs runs;
    for (const pqxx::row& row :
         session.exec_prepared("list", query.before_id, status, query.limit)) {
      runs.push_back(ReadRun(row));
    }
    return runs;
  });
}

base::Result<OutputPage> PgRunStore::ReadOutput(const std::string& id, int attempt,
                                                std::int64_t after_seq, std::int64_t max_bytes) {
  const auto state = GetState(id);
  if (!state) return state.error();
  return With<OutputPage>(
      Effect::kReads, [&](pqxx::nontransaction& session) -> base::Result<OutputPage> {
        OutputPage page{state->attempt, {}};
        const std::int64_t after = state->attempt == attempt ? after_seq : -1;
        for (const pqxx::row& row :
             session.exec_prepared("read_output", id, state->attempt, after, max_bytes)) {
          page.records.push_back(ReadRecord(row));
        }
        return page;
      });
}

base::Result<domain::RunStatus> PgRunStore::RequestCancel(const std::string& id,
                                                          base::WallTime now) {
  auto changed = With<std::optional<domain::RunStatus>>(
      Effect::kWrites,
      [&](pqxx::nontransaction& session) -> base::Result<std::optional<domain::RunStatus>> {
        const pqxx::result rows = session.exec_prepared("cancel", id, ToMicroseconds(now));
        if (rows.empty()) return std::optional<domain::RunStatus>();
        return domain::ParseRunStatus(rows[0][0].as<std::string>());
      });
  if (!changed) return changed.error();
  if (*changed) return **changed;
  const auto state = GetState(id);
  if (!state) return state.error();
  return state->status;
}

base::Status PgRunStore::Delete(const std::string& id) {
  auto deleted =
      With<bool>(Effect::kWrites, [&](pqxx::nontransaction& session) -> base::Result<bool> {
        return session.exec_prepared("delete", id).affected_rows() > 0;
      });
  if (!deleted) return deleted.error();
  if (*deleted) return {};
  const auto state = GetState(id);
  if (!state) return state.error();
  return Error{ErrorCode::kConflict, "the run is " + std::string(ToString(state->status))};
}

base::Result<std::int64_t> PgRunStore::CountQueued() {
  return With<std::int64_t>(Effect::kReads,
                            [&](pqxx::nontransaction& session) -> base::Result<std::int64_t> {
                              return session.exec_prepared("count_queued")[0][0].as<std::int64_t>();
                            });
}

base::Result<std::int64_t> PgRunStore::DeleteFinishedBefore(base::WallTime before, int limit) {
  return With<std::int64_t>(
      Effect::kWrites, [&](pqxx::nontransaction& session) -> base::Result<std::int64_t> {
        return static_cast<std::int64_t>(
            session.exec_prepared("delete_finished", ToMicroseconds(before), limit)
                .affected_rows());
      });
}

base::Status PgRunStore::Ping() {
  auto answered =
      With<bool>(Effect::kReads, [&](pqxx::nontransaction& session) -> base::Result<bool> {
        session.exec("SELECT 1");
        return true;
      });
  if (!answered) return answered.error();
  return {};
}

}  // namespace oneshot::store
