// What comes on a run's standard input while it is active.
#include "tests/support/store/memory_run_store.h"

namespace oneshot::test {
namespace {

using Outcome = store::StdinAnswer::Outcome;

}  // namespace

std::int64_t MemoryRunStore::StdinBytes(const Entry& entry) {
  std::int64_t bytes = 0;
  for (const domain::StdinPiece& piece : entry.stdin_pieces) bytes += std::ssize(piece.data);
  return bytes;
}

base::Result<store::StdinAnswer> MemoryRunStore::AddStdin(const std::string& id,
                                                          std::optional<int> seq,
                                                          const domain::StdinPiece& piece,
                                                          const store::StdinBounds& bounds) {
  auto state = state_.Acquire();
  if (const base::Status begun = Begin(*state); !begun) return begun.error();
  const auto found = state->runs.find(id);
  if (found == state->runs.end()) return base::Error{base::ErrorCode::kNotFound, "no run " + id};
  domain::Run& run = found->second.run;
  auto& pieces = found->second.stdin_pieces;
  const int next_seq = static_cast<int>(pieces.size());
  const auto answer = [&](Outcome outcome) { return store::StdinAnswer{outcome, next_seq}; };
  if (seq && *seq >= 0 && *seq < next_seq && pieces[static_cast<std::size_t>(*seq)] == piece)
    return answer(Outcome::kTaken);
  if (!run.spec.stdin_open) return answer(Outcome::kNotOpen);
  if (run.outcome) return answer(Outcome::kRunEnded);
  if (run.stdin_ended) return answer(Outcome::kInputEnded);
  if (seq && *seq != next_seq) return answer(Outcome::kOutOfOrder);
  if (StdinBytes(found->second) + std::ssize(piece.data) > bounds.bytes ||
      next_seq >= bounds.pieces)
    return answer(Outcome::kTooMuch);
  pieces.push_back(piece);
  run.stdin_ended = piece.is_end;
  return store::StdinAnswer{Outcome::kTaken, next_seq + 1};
}

base::Result<std::map<std::string, int>> MemoryRunStore::NextStdin(
    const std::vector<std::string>& run_ids) {
  auto state = state_.Acquire();
  if (const base::Status begun = Begin(*state); !begun) return begun.error();
  std::map<std::string, int> next;
  for (const std::string& id : run_ids) {
    const auto found = state->runs.find(id);
    if (found != state->runs.end())
      next.emplace(id, static_cast<int>(found->second.stdin_pieces.size()));
  }
  return next;
}

base::Result<std::vector<domain::StdinPiece>> MemoryRunStore::ReadStdin(const std::string& run_id,
                                                                        int seq) {
  auto state = state_.Acquire();
  if (const base::Status begun = Begin(*state); !begun) return begun.error();
  const auto found = state->runs.find(run_id);
  std::vector<domain::StdinPiece> pieces;
  if (found == state->runs.end()) return pieces;
  const auto& all = found->second.stdin_pieces;
  for (auto at = static_cast<std::size_t>(seq); at < all.size(); ++at) pieces.push_back(all[at]);
  return pieces;
}

}  // namespace oneshot::test
