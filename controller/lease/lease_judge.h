#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "controller/kube/objects.h"
#include "core/base/clock.h"

namespace oneshot::lease {

/// The usual numbers of controller-runtime. Needed: duration > renew_deadline > 1.2 * retry_period.
struct Timing {
  std::chrono::milliseconds duration{15'000};  // a holder silent for this long may be replaced
  std::chrono::milliseconds renew_deadline{
      10'000};  // a holder that could not renew for this long stops
  std::chrono::milliseconds retry_period{2'000};  // between tries, stretched by up to 1.2
};

/// Decides what to do about the Lease from what was seen of it; no I/O, no clock of its own. Expiry
/// is judged by our monotonic time since the record last changed, never by the times written in it:
/// another host's clock may be wrong. Not a fence (client-go says so of itself): the holder may be
/// paused just after it looked. Threads: one at a time.
class LeaseJudge {
 public:
  struct Move {
    enum class Kind {
      kWait,    // another holds it
      kCreate,  // nobody ever held it
      kUpdate,  // take it over, or renew it
    };
    Kind kind{Kind::kWait};
    kube::Lease lease;  // to write, unless kWait
  };

  LeaseJudge(std::string identity, Timing timing);

  /// What the API server has; empty: no such Lease.
  void Observe(std::optional<kube::Lease> lease, base::MonotonicTime now);

  /// `wall` goes into the record, for people.
  Move Decide(base::MonotonicTime now, base::WallTime wall) const;

  /// Our write succeeded and left `lease`; `asked` is when the request began, since when it surely
  /// counts.
  void Written(kube::Lease lease, base::MonotonicTime asked);

  /// We hold it, and could renew it recently enough.
  bool IsLeader(base::MonotonicTime now) const { return now < LeaderUntil(); }
  /// Moves on with every renewal; the past when we are not the leader.
  base::MonotonicTime LeaderUntil() const;

  /// The record that gives it up, when it is ours: successors need not wait for it to expire.
  std::optional<kube::Lease> Release(base::WallTime wall) const;

 private:
  bool IsOurs() const { return seen_ && seen_->holder == identity_; }

  const std::string identity_;
  const Timing timing_;
  std::optional<kube::Lease> seen_;
  base::MonotonicTime changed_at_{};  // of seen_, by our clock
  std::optional<base::MonotonicTime> renewed_at_;
};

}  // namespace oneshot::lease
