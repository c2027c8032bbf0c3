// Finished runs that are shared.
#include <algorithm>

#include "tests/support/store/memory_run_store.h"

namespace oneshot::test {

using base::Error;
using base::ErrorCode;

MemoryRunStore::Entry* MemoryRunStore::FindRun(State& state, const std::string& id) {
  const auto found = state.runs.find(id);
  return found == state.runs.end() || found->second.is_deleted ? nullptr : &found->second;
}

void MemoryRunStore::LoseAnswerOfNextShare() {
  auto state = state_.Acquire();
  state->loses_answer_of_share = true;
}

void MemoryRunStore::Drop(State& state, std::map<std::string, KnownShare>::iterator share) {
  const auto run = state.runs.find(share->second.run_id);
  if (--run->second.shares == 0 && run->second.is_deleted) state.runs.erase(run);
  state.shares.erase(share);
}

void MemoryRunStore::DropExpiredShares(State& state) const {
  for (auto each = state.shares.begin(); each != state.shares.end();) {
    const auto share = each++;
    if (share->second.expires_at <= clock_.Wall()) Drop(state, share);
  }
}

base::Result<store::Shared> MemoryRunStore::CreateShare(const store::NewShare& share,
                                                        const store::ShareBounds& bounds) {
  auto state = state_.Acquire();
  if (const base::Status begun = Begin(*state); !begun) return begun.error();
  Entry* const entry = FindRun(*state, share.run_id);
  if (entry == nullptr) return Error{ErrorCode::kNotFound, "no run " + share.run_id};
  if (!entry->run.outcome) return Error{ErrorCode::kConflict, "the run has not ended"};
  const auto of_submitter = std::ranges::count_if(
      state->shares, [&](const auto& known) { return known.second.submitter == share.submitter; });
  if (of_submitter >= bounds.per_submitter)
    return store::Shared{.exceeded = store::ShareBound::kPerSubmitter};
  std::int64_t bytes = (std::ssize(state->shares) + 1) * store::kShareBytes;
  for (const auto& [id, each] : state->runs)
    if (each.shares > 0 || &each == entry) bytes += StoredBytes(each);
  if (bytes > bounds.bytes) return store::Shared{.exceeded = store::ShareBound::kBytes};
  const base::WallTime now = clock_.Wall();
  const KnownShare made{share.run_id, share.token_hash, share.submitter, now, now + share.lifetime};
  if (!state->shares.emplace(share.id, made).second)
    return Error{ErrorCode::kAlreadyExists, "that id"};
  ++entry->shares;
  if (std::exchange(state->loses_answer_of_share, false))
    return Error{ErrorCode::kUnknownOutcome, "the connection broke"};
  return store::Shared{.created_at = made.created_at, .expires_at = made.expires_at};
}

base::Result<store::Share> MemoryRunStore::GetShare(const std::string& id) {
  auto state = state_.Acquire();
  if (const base::Status begun = Begin(*state); !begun) return begun.error();
  const auto found = state->shares.find(id);
  if (found == state->shares.end() || found->second.expires_at <= clock_.Wall())
    return Error{ErrorCode::kNotFound, "no such share"};
  const KnownShare& share = found->second;
  return store::Share{.run = state->runs.at(share.run_id).run,
                      .token_hash = share.token_hash,
                      .created_at = share.created_at,
                      .expires_at = share.expires_at};
}

base::Status MemoryRunStore::DeleteShare(const std::string& id) {
  auto state = state_.Acquire();
  if (base::Status begun = Begin(*state); !begun) return begun;
  const auto found = state->shares.find(id);
  if (found == state->shares.end()) return Error{ErrorCode::kNotFound, "no such share"};
  Drop(*state, found);
  return {};
}

}  // namespace oneshot::test
