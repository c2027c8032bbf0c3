#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "controller/kube/objects.h"
#include "core/base/clock.h"

namespace oneshot::lease {

/// The defaults of controller-runtime. Required: duration > renew_deadline > 1.2 * retry_period.
struct Timing {
  /// A holder that has been silent for this long may be replaced.
  std::chrono::milliseconds duration{15'000};
  /// A holder that has not been able to renew for this long stops leading.
  std::chrono::milliseconds renew_deadline{10'000};
  /// Between attempts, stretched by up to 1.2.
  std::chrono::milliseconds retry_period{2'000};
  /// Of one call, so that an answer that never comes leaves time for a second attempt before the
  /// renew deadline.
  std::chrono::milliseconds call_timeout{4'000};
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
