// What comes on a run's standard input while it is active.
#include <map>
#include <string>

#include "core/store/pg_connections.h"
#include "core/store/pg_rows.h"
#include "core/store/pg_run_store.h"

namespace oneshot::store {
namespace {

using Outcome = StdinAnswer::Outcome;

/// The columns of add_stdin.sql.
StdinAnswer ReadAnswer(const pqxx::row& row, const std::optional<int>& seq) {
  if (!row["taken"].is_null()) return {Outcome::kTaken, row["taken"].as<int>()};
  const int next_seq = row["stdin_next"].as<int>();
  const auto why = [&] {
    if (row["is_repeated"].as<bool>()) return Outcome::kTaken;
    if (!row["stdin_open"].as<bool>()) return Outcome::kNotOpen;
    if (row["has_ended"].as<bool>()) return Outcome::kRunEnded;
    if (row["stdin_ended"].as<bool>()) return Outcome::kInputEnded;
    if (seq && *seq != next_seq) return Outcome::kOutOfOrder;
    return Outcome::kTooMuch;
  };
  return {why(), next_seq};
}

}  // namespace

base::Result<StdinAnswer> PgRunStore::AddStdin(const std::string& id, std::optional<int> seq,
                                               const domain::StdinPiece& piece,
                                               const StdinBounds& bounds) {
  return connections_->With(Effect::kWrites, [&](Session& session) {
    return ReadFirst(session.exec_prepared("add_stdin", id, seq, pqxx::binarystring(piece.data),
                                           piece.is_end, bounds.bytes, bounds.pieces),
                     base::Error{base::ErrorCode::kNotFound, "no run " + id},
                     [&](const pqxx::row& row) { return ReadAnswer(row, seq); });
  });
}

base::Result<std::map<std::string, int>> PgRunStore::NextStdin(
    const std::vector<std::string>& run_ids) {
  return connections_->With(Effect::kReads, [&](Session& session) {
    std::map<std::string, int> next;
    for (const pqxx::row& row : session.exec_prepared("next_stdin", EncodeTexts(run_ids)))
      next.emplace(row["id"].as<std::string>(), row["stdin_next"].as<int>());
    return next;
  });
}

base::Result<std::vector<domain::StdinPiece>> PgRunStore::ReadStdin(const std::string& run_id,
                                                                    int seq) {
  return connections_->With(Effect::kReads, [&](Session& session) {
    std::vector<domain::StdinPiece> pieces;
    for (const pqxx::row& row : session.exec_prepared("read_stdin", run_id, seq)) {
      const pqxx::binarystring data(row["data"]);
      pieces.push_back(
          {std::string(data.get(), data.get() + data.size()), row["is_end"].as<bool>()});
    }
    return pieces;
  });
}

}  // namespace oneshot::store
