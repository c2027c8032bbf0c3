#include "controller/lease/lease_judge.h"

#include <algorithm>
#include <utility>

#include "controller/kube/codec.h"

namespace oneshot::lease {

LeaseJudge::LeaseJudge(std::string identity, Timing timing)
    : identity_(std::move(identity)), timing_(timing) {}

void LeaseJudge::Observe(std::optional<kube::Lease> lease, base::MonotonicTime now) {
  const bool changed = seen_.has_value() != lease.has_value() ||
                       (lease && lease->resource_version != seen_->resource_version);
  if (changed) changed_at_ = now;
  seen_ = std::move(lease);
  // Taken from us, or deleted.
  if (!IsOurs()) renewed_at_.reset();
}

std::optional<kube::Lease> LeaseJudge::Decide(base::MonotonicTime now, base::WallTime wall) const {
  const bool free = !seen_ || seen_->holder.empty() || now - changed_at_ >= timing_.duration;
  if (!free && !IsOurs()) return std::nullopt;
  kube::Lease lease = seen_.value_or(kube::Lease{});
  const std::string time = kube::FormatMicroTime(wall);
  if (!IsOurs()) {
    lease.holder = identity_;
    lease.acquire_time = time;
    if (seen_) ++lease.transitions;
  }
  lease.renew_time = time;
  lease.duration_seconds =
      static_cast<int>(std::chrono::ceil<std::chrono::seconds>(timing_.duration).count());
  return lease;
}

void LeaseJudge::Written(kube::Lease lease, base::MonotonicTime asked) {
  seen_ = std::move(lease);
  changed_at_ = asked;
  renewed_at_ = asked;
}

std::chrono::nanoseconds LeaseJudge::LeadsFor(base::MonotonicTime now) const {
  if (!IsOurs() || !renewed_at_) return {};
  return std::max(*renewed_at_ + timing_.renew_deadline - now, std::chrono::nanoseconds::zero());
}

std::optional<kube::Lease> LeaseJudge::Release(base::WallTime wall) const {
  if (!IsOurs()) return std::nullopt;
  kube::Lease released = *seen_;
  released.holder.clear();
  released.duration_seconds = 1;  // the API server wants a positive number
  released.renew_time = kube::FormatMicroTime(wall);
  return released;
}

}  // namespace oneshot::lease
