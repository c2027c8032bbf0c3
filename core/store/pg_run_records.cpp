// What the api asks of the store, and the upkeep of the queue and of finished runs.
#include <map>
#include <string>

#include "core/store/output_chunk.h"
#include "core/store/pg_connections.h"
#include "core/store/pg_rows.h"
#include "core/store/pg_run_store.h"

namespace oneshot::store {
namespace {

using base::Error;
using base::ErrorCode;

// A call must end in time; deleting this much takes a fraction of a second.
constexpr std::int64_t kDeletedAtOnce = 67'108'864;

Error NoRun(const std::string& id) { return {ErrorCode::kNotFound, "no run " + id}; }

/// The columns of submit.sql or find_submitted.sql.
base::Result<Submitted> ReadSubmitted(const pqxx::row& row,
                                      const std::optional<IdempotencyKey>& key) {
  if (key && row["fingerprint"].as<std::string>() != key->fingerprint)
    return Error{ErrorCode::kConflict, "the key was used for another submission"};
  Submitted submitted{.id = row["run_id"].as<std::string>()};
  if (!row["created_us"].is_null()) submitted.created_at = ReadTime(row, "created_us");
  return submitted;
}

RunLook ReadLook(const pqxx::row& row) {
  RunLook look;
  look.status = ReadStatus(row);
  look.attempt = row["attempt"].as<int>();
  if (!domain::IsTerminal(look.status)) look.message = row["message"].as<std::string>("");
  look.interruptions = row["spent_attempts"].as<int>();
  look.queue_position = row["queue_position"].as<std::int64_t>();
  if (!row["us_per_claim"].is_null()) {
    const std::chrono::microseconds until =
        look.queue_position * std::chrono::microseconds(row["us_per_claim"].as<std::int64_t>());
    look.starts_in = std::chrono::duration_cast<base::Milliseconds>(until);
  }
  return look;
}

/// The records from `wanted` on, until `max_bytes` are passed. The rows are look.sql's, in any
/// order.
std::vector<domain::OutputRecord> ReadOutput(const pqxx::result& rows, std::int64_t wanted,
                                             std::int64_t max_bytes) {
  std::map<std::int64_t, std::string> chunks;
  for (const pqxx::row& row : rows) {
    if (row["seq"].is_null()) continue;
    chunks.emplace(row["seq"].as<std::int64_t>(), row["records"].as<std::string>());
  }
  std::vector<domain::OutputRecord> output;
  std::int64_t bytes = 0;
  for (const auto& [seq, text] : chunks) {
    for (domain::OutputRecord& record : DecodeChunk(text, seq)) {
      if (bytes >= max_bytes) return output;
      if (record.seq < wanted) continue;
      bytes += domain::BytesOf(record);
      output.push_back(std::move(record));
    }
  }
  return output;
}

}  // namespace

PgRunStore::PgRunStore(const std::string& database_url, int connections,
                       base::Milliseconds call_timeout)
    : connections_(std::make_unique<PgConnections>(database_url, connections, call_timeout)) {}

PgRunStore::~PgRunStore() = default;

base::Result<Submitted> PgRunStore::Submit(const Submission& submission) {
  int under_way = 0;
  {
    auto submitting = submitting_.Acquire();
    under_way = (*submitting)[submission.submitter]++;
  }
  const domain::RunSpec& spec = submission.spec;
  const auto& key = submission.key;
  std::string content;
  for (const domain::File& file : spec.files) content += file.content;
  auto submitted = connections_->With(Effect::kWrites, [&](Session& session) {
    const pqxx::result rows = session.exec_prepared(
        "submit", submission.id, spec.source, spec.stdin_data, EncodeTexts(spec.args),
        EncodeOptions(spec), submission.submitter, under_way,
        key ? std::optional(key->key) : std::nullopt, key ? key->fingerprint : "",
        ToMicroseconds(kKeyLifetime), EncodeFiles(spec.files), pqxx::binarystring(content));
    return ReadSubmitted(rows[0], key);
  });
  auto submitting = submitting_.Acquire();
  const auto mine = submitting->find(submission.submitter);
  if (--mine->second == 0) submitting->erase(mine);
  return submitted;
}

base::Result<Submitted> PgRunStore::FindSubmitted(const std::string& submitter,
                                                  const IdempotencyKey& key) {
  return connections_->With(Effect::kReads, [&](Session& session) -> base::Result<Submitted> {
    const pqxx::result rows =
        session.exec_prepared("find_submitted", submitter, key.key, ToMicroseconds(kKeyLifetime));
    if (rows.empty()) return Error{ErrorCode::kNotFound, "the key was not used"};
    return ReadSubmitted(rows[0], key);
  });
}

base::Result<QueueLoad> PgRunStore::MeasureQueue() {
  return connections_->With(Effect::kReads, [](Session& session) {
    QueueLoad load;
    for (const pqxx::row& row : session.exec_prepared("queue_load")) {
      const auto runs = row["runs"].as<std::int64_t>();
      load.runs += runs;
      load.bytes += row["bytes"].as<std::int64_t>();
      load.runs_of_submitter.emplace(row["submitter"].as<std::string>(), runs);
    }
    return load;
  });
}

base::Result<std::int64_t> PgRunStore::StoredBytes() {
  return connections_->With(Effect::kReads, [](Session& session) {
    return ReadNumber(session.exec_prepared("stored_bytes"));
  });
}

base::Result<domain::Run> PgRunStore::Get(const std::string& id) {
  return connections_->With(Effect::kReads, [&](Session& session) {
    return ReadFirst(session.exec_prepared("get", id, /*also_deleted=*/false), NoRun(id), ReadRun);
  });
}

base::Result<std::vector<domain::File>> PgRunStore::ReadFiles(const std::string& id) {
  return connections_->With(Effect::kReads, [&](Session& session) {
    return ReadFirst(session.exec_prepared("read_files", id), NoRun(id), store::ReadFiles);
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
    const pqxx::result rows =
        session.exec_prepared("look", id, seen.attempt, seen.seq + 1, max_bytes, kMaxCountedAhead);
    return ReadFirst(rows, NoRun(id), [&](const pqxx::row& first) {
      RunLook look = ReadLook(first);
      const std::int64_t wanted = look.attempt == seen.attempt ? seen.seq + 1 : 0;
      look.output = ReadOutput(rows, wanted, max_bytes);
      const std::int64_t next = look.output.empty() ? wanted : look.output.back().seq + 1;
      look.has_more = next < first["next_seq"].as<std::int64_t>();
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

base::Result<domain::RunStatus> PgRunStore::RequestCancel(const std::string& id) {
  return connections_->With(Effect::kWrites, [&](Session& session) {
    return ReadFirst(session.exec_prepared("request_cancel", id), NoRun(id), ReadStatus);
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

base::Result<std::int64_t> PgRunStore::DeleteFinishedOlderThan(base::Milliseconds age, int limit) {
  return connections_->With(Effect::kWrites, [&](Session& session) {
    const pqxx::result deleted =
        session.exec_prepared("delete_finished_older_than", ToMicroseconds(age), limit,
                              kDeletedAtOnce, ToMicroseconds(kKeyLifetime));
    return static_cast<std::int64_t>(deleted.affected_rows());
  });
}

base::Result<std::int64_t> PgRunStore::DeleteFinishedBeyond(std::int64_t bytes, int limit) {
  return connections_->With(Effect::kWrites, [&](Session& session) {
    return ReadNumber(
        session.exec_prepared("delete_finished_beyond", bytes, limit, kDeletedAtOnce));
  });
}

base::Status PgRunStore::Ping() {
  return connections_->With(Effect::kReads, [](Session& session) -> base::Status {
    session.exec("SELECT 1");
    return {};
  });
}

}  // namespace oneshot::store
