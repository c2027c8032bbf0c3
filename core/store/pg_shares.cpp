// Finished runs that are shared.
#include <string>

#include "core/store/pg_connections.h"
#include "core/store/pg_rows.h"
#include "core/store/pg_run_store.h"

namespace oneshot::store {
namespace {

using base::Error;
using base::ErrorCode;

Error NoShare() { return {ErrorCode::kNotFound, "no such share"}; }

/// The row of create_share.sql.
base::Result<Shared> ReadShared(const pqxx::row& row) {
  const auto verdict = row["verdict"].as<std::string>();
  if (verdict == "active") return Error{ErrorCode::kConflict, "the run has not ended"};
  if (verdict == "too_many") return Shared{.exceeded = ShareBound::kPerSubmitter};
  if (verdict == "full") return Shared{.exceeded = ShareBound::kBytes};
  return Shared{.created_at = ReadTime(row, "created_us"),
                .expires_at = ReadTime(row, "expires_us")};
}

}  // namespace

base::Result<Shared> PgRunStore::CreateShare(const NewShare& share, const ShareBounds& bounds) {
  return connections_->With(Effect::kWrites, [&](Session& session) -> base::Result<Shared> {
    const pqxx::result rows = session.exec_prepared(
        "create_share", share.id, share.run_id, share.token_hash, share.submitter,
        ToMicroseconds(share.lifetime), bounds.per_submitter, bounds.bytes, kShareBytes);
    if (rows.empty()) return Error{ErrorCode::kNotFound, "no run " + share.run_id};
    return ReadShared(rows[0]);
  });
}

base::Result<Share> PgRunStore::GetShare(const std::string& id) {
  return connections_->With(Effect::kReads, [&](Session& session) -> base::Result<Share> {
    const pqxx::result shares = session.exec_prepared("find_share", id);
    if (shares.empty()) return NoShare();
    const pqxx::row share = shares[0];
    const pqxx::result runs =
        session.exec_prepared("get", share["run_id"].as<std::string>(), /*also_deleted=*/true);
    if (runs.empty()) return NoShare();  // revoked between the two
    return Share{.run = ReadRun(runs[0]),
                 .token_hash = share["token_hash"].as<std::string>(),
                 .created_at = ReadTime(share, "created_us"),
                 .expires_at = ReadTime(share, "expires_us")};
  });
}

base::Status PgRunStore::DeleteShare(const std::string& id) {
  return connections_->With(Effect::kWrites, [&](Session& session) -> base::Status {
    const pqxx::result deleted = session.exec_prepared("delete_share", id);
    if (deleted.affected_rows() == 0) return NoShare();
    return {};
  });
}

}  // namespace oneshot::store
