// What the api asks of the store, and the upkeep of the queue and of finished runs.
#include <algorithm>
#include <string>

#include "core/store/pg_connections.h"
#include "core/store/pg_rows.h"
#include "core/store/pg_run_store.h"

namespace oneshot::store {
namespace {

using base::Error;
using base::ErrorCode;

Error NoRun(const std::string& id) { return {ErrorCode::kNotFound, "no run " + id}; }

}  // namespace

PgRunStore::PgRunStore(const std::string& database_url, int connections)
    : connections_(std::make_unique<PgConnections>(database_url, connections)) {}

PgRunStore::~PgRunStore() = default;

base::Status PgRunStore::Submit(const std::string& id, const domain::RunSpec& spec,
                                base::WallTime now, std::int64_t max_queued) {
  const auto queued = EstimateQueued();
  if (!queued) return queued.error();
  if (*queued >= max_queued) {
    return Error{ErrorCode::kConflict,
                 "the queue is full (" + std::to_string(max_queued) + " runs)", 2};
  }
  base::Status submitted =
      connections_->With(Effect::kWrites, [&](Session& session) -> base::Status {
        const domain::Limits& limits = spec.limits;
        session.exec_prepared("submit", id, ToMicroseconds(now), spec.source, spec.stdin_data,
                              EncodeTexts(spec.args), limits.wall_ms, limits.cpu_ms,
                              limits.memory_mib, limits.output_bytes, limits.scratch_mib);
        return {};
      });
  if (submitted) {
    auto estimate = queue_estimate_.Acquire();
    ++estimate->queued;
  }
  return submitted;
}

base::Result<std::int64_t> PgRunStore::EstimateQueued() {
  const auto now = base::SystemClock().Monotonic();
  {
    auto estimate = queue_estimate_.Acquire();
    if (estimate->counted_at != base::MonotonicTime{} &&
        now - estimate->counted_at < std::chrono::seconds(1)) {
      return estimate->queued;
    }
    estimate->counted_at = now;  // others go on with the old number while this call counts
  }
  auto counted = CountQueued();
  if (!counted) return counted;
  auto estimate = queue_estimate_.Acquire();
  estimate->queued = *counted;
  return counted;
}

base::Result<domain::Run> PgRunStore::Get(const std::string& id) {
  return connections_->With(Effect::kReads, [&](Session& session) {
    return ReadFirst(session.exec_prepared("get", id), NoRun(id), ReadRun);
  });
}

base::Result<domain::RunStatus> PgRunStore::GetStatus(const std::string& id) {
  return connections_->With(Effect::kReads, [&](Session& session) {
    return ReadFirst(session.exec_prepared("get_status", id), NoRun(id), ReadStatus);
  });
}

base::Result<RunLook> PgRunStore::Look(const std::string& id, OutputPosition seen,
                                       std::int64_t max_bytes) {
  return connections_->With(Effect::kReads, [&](Session& session) {
    const pqxx::result rows = session.exec_prepared("look", id, seen.attempt, seen.seq, max_bytes);
    return ReadFirst(rows, NoRun(id), [&](const pqxx::row& first) {
      RunLook look{.status = ReadStatus(first),
                   .attempt = first["attempt"].as<int>(),
                   .queue_position = first["queue_position"].as<std::int64_t>(),
                   .output = {}};
      for (const pqxx::row& row : rows) {
        if (!row["seq"].is_null()) look.output.push_back(ReadRecord(row));
      }
      std::ranges::sort(look.output, {}, &domain::OutputRecord::seq);
      return look;
    });
  });
}

base::Result<std::vector<domain::Run>> PgRunStore::List(const ListQuery& query) {
  const auto status = query.status ? std::optional(std::string(ToString(*query.status)))
                                   : std::optional<std::string>();
  return connections_->With(Effect::kReads, [&](Session& session) {
    std::vector<domain::Run> runs;
    for (const pqxx::row& row :
         session.exec_prepared("list", query.before_id, status, query.limit)) {
      runs.push_back(ReadRun(row));
    }
    return runs;
  });
}

base::Result<domain::RunStatus> PgRunStore::RequestCancel(const std::string& id,
                                                          base::WallTime now) {
  return connections_->With(Effect::kWrites, [&](Session& session) {
    return ReadFirst(session.exec_prepared("request_cancel", id, ToMicroseconds(now)), NoRun(id),
                     ReadStatus);
  });
}

base::Status PgRunStore::Delete(const std::string& id) {
  const auto status = connections_->With(Effect::kWrites, [&](Session& session) {
    return ReadFirst(session.exec_prepared("delete", id), NoRun(id), ReadStatus);
  });
  if (!status) return status.error();
  if (domain::IsTerminal(*status)) return {};
  return Error{ErrorCode::kConflict, "the run is " + std::string(ToString(*status))};
}

base::Result<std::int64_t> PgRunStore::CountQueued() {
  return connections_->With(Effect::kReads, [](Session& session) {
    return ReadNumber(session.exec_prepared("count_queued"));
  });
}

base::Result<std::int64_t> PgRunStore::DeleteFinishedBefore(base::WallTime before, int limit) {
  return connections_->With(Effect::kWrites, [&](Session& session) {
    const pqxx::result deleted =
        session.exec_prepared("delete_finished_before", ToMicroseconds(before), limit);
    return static_cast<std::int64_t>(deleted.affected_rows());
  });
}

base::Status PgRunStore::Ping() {
  return connections_->With(Effect::kReads, [](Session& session) -> base::Status {
    session.exec("SELECT 1");
    return {};
  });
}

}  // namespace oneshot::store
