#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "controller/kube/objects.h"
#include "core/base/clock.h"

namespace oneshot::lease {

/// How soon a leader is replaced, against what that costs and risks (docs/adr/0023). Required:
/// duration > renew_deadline > 1.2 * retry_period.
///
/// A leader that is killed just after a renewal is replaced after duration + 2 * 1.2 * retry_period
/// and two calls, here within 4.7 s: a standby may see the last renewal one pause late, and look
/// one pause after it has expired. One that released the Lease is replaced after one pause. A
/// leader whose API server does not answer stops leading after renew_deadline, a quarter of the
/// duration before anybody may replace it; until then it has tried twice with all the patience of
/// call_timeout, or ten times where a refusal comes at once.
struct Timing {
  /// A holder that has been silent for this long may be replaced.
  std::chrono::milliseconds duration{4'000};
  /// A holder that has not been able to renew for this long stops leading.
  std::chrono::milliseconds renew_deadline{3'000};
  /// Between attempts, stretched by up to 1.2.
  std::chrono::milliseconds retry_period{250};
  /// Of one call.
  std::chrono::milliseconds call_timeout{1'000};

  /// The same proportions for another duration.
  static constexpr Timing For(std::chrono::milliseconds duration) {
    return {duration, duration * 3 / 4, duration / 16, duration / 4};
  }
  bool operator==(const Timing&) const = default;
};

/// Decides what to do about the Lease from what was seen of it; no I/O, no clock of its own. Expiry
/// is measured by our monotonic time since the record last changed, never by the times written in
/// it, because the clock of another host may be wrong. This is not fencing (client-go says the same
/// of itself): the holder may be paused just after it looked. Threads: one at a time.
class LeaseJudge {
 public:
  LeaseJudge(std::string identity, Timing timing);

  /// What the API server has; empty when there is no such Lease.
  void Observe(std::optional<kube::Lease> lease, base::MonotonicTime now);

  /// The record to write now, which creates the Lease, takes it over or renews it; nothing while
  /// another holds it. `wall` goes into the record, for people to read.
  std::optional<kube::Lease> Decide(base::MonotonicTime now, base::WallTime wall) const;

  /// Our write succeeded and left `lease`; `asked` is when the request began, which is the earliest
  /// time the renewal can count from.
  void Written(kube::Lease lease, base::MonotonicTime asked);

  /// We hold it and renewed it recently enough.
  bool IsLeader(base::MonotonicTime now) const { return LeadsFor(now).count() > 0; }
  /// How long we lead from `now` on without another renewal; zero when we are not the leader.
  std::chrono::nanoseconds LeadsFor(base::MonotonicTime now) const;

  /// The record that gives the Lease up, if it is ours: a successor need not wait for it to expire.
  std::optional<kube::Lease> Release(base::WallTime wall) const;

 private:
  bool IsOurs() const { return seen_ && seen_->holder == identity_; }

  const std::string identity_;
  const Timing timing_;
  std::optional<kube::Lease> seen_;
  /// When seen_ last changed, by our clock.
  base::MonotonicTime changed_at_{};
  std::optional<base::MonotonicTime> renewed_at_;
};

}  // namespace oneshot::lease
