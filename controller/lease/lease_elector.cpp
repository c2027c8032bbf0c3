#include "controller/lease/lease_elector.h"

#include <utility>

#include "core/base/random.h"
#include "core/base/thread.h"

namespace oneshot::lease {

using base::ErrorCode;

LeaseElector::LeaseElector(kube::Client& client, const base::Clock& clock, std::string name,
                           std::string identity, Timing timing, Callbacks callbacks)
    : client_(client),
      clock_(clock),
      name_(std::move(name)),
      timing_(timing),
      callbacks_(std::move(callbacks)),
      judge_(std::move(identity), timing) {}

void LeaseElector::Run(std::stop_token stop) {
  constexpr double kJitter = 0.2;  // so that rivals do not step together
  while (!stop.stop_requested()) {
    Step();
    const auto pause = timing_.retry_period * (1.0 + kJitter * base::RandomFraction());
    base::SleepFor(stop, std::chrono::duration_cast<std::chrono::nanoseconds>(pause));
  }
  Release();
}

void LeaseElector::Step() {
  // While we lead, our own last write is what the server has, unless the next write is refused.
  base::Status done;
  if (!judge_.IsLeader(clock_.Monotonic())) done = Look();
  if (done) done = Act(judge_.Decide(clock_.Monotonic(), clock_.Wall()));
  Tell();
  if (done) return;
  Report(done);
  const ErrorCode code = done.error().code;
  if (code == ErrorCode::kConflict || code == ErrorCode::kAlreadyExists ||
      code == ErrorCode::kNotFound || code == ErrorCode::kUnknownOutcome) {
    // Refused or in doubt: what is there now decides, and it may be ours already.
    if (const auto seen = Look(); !seen) Report(seen);
    Tell();
  }
}

base::Status LeaseElector::Look() {
  auto lease = client_.GetLease(name_);
  if (!lease && lease.error().code != ErrorCode::kNotFound) return lease.error();
  judge_.Observe(lease ? std::optional(*std::move(lease)) : std::nullopt, clock_.Monotonic());
  return {};
}

base::Status LeaseElector::Act(const LeaseJudge::Move& move) {
  if (move.kind == LeaseJudge::Move::Kind::kWait) return {};
  const auto asked = clock_.Monotonic();
  auto written = move.kind == LeaseJudge::Move::Kind::kCreate
                     ? client_.CreateLease(name_, move.lease)
                     : client_.UpdateLease(name_, move.lease);
  if (!written) return written.error();
  judge_.Written(*std::move(written), asked);
  return {};
}

void LeaseElector::Tell() {
  leader_until_ = judge_.LeaderUntil();
  const bool leads = IsLeader();
  if (leads == told_gained_) return;
  told_gained_ = leads;
  const auto& callback = leads ? callbacks_.on_gained : callbacks_.on_lost;
  if (callback) callback();
}

void LeaseElector::Release() {
  leader_until_ = base::MonotonicTime::min();
  if (std::exchange(told_gained_, false) && callbacks_.on_lost) callbacks_.on_lost();
  if (const auto released = judge_.Release(clock_.Wall())) {
    // Best effort: unreleased, it expires.
    const auto done = client_.UpdateLease(name_, *released);
    if (!done) Report(done.error());
  }
}

void LeaseElector::Report(const base::Status& status) {
  if (callbacks_.on_trouble) callbacks_.on_trouble(status.error());
}

}  // namespace oneshot::lease
