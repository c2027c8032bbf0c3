#include "controller/lease/lease_elector.h"

#include <algorithm>
#include <utility>

#include "core/base/thread.h"

namespace oneshot::lease {

using base::ErrorCode;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

LeaseElector::LeaseElector(kube::Client& client, const base::Clock& clock, base::Random& random,
                           std::string name, std::string identity, Timing timing,
                           Callbacks callbacks)
    : client_(client),
      clock_(clock),
      random_(random),
      name_(std::move(name)),
      timing_(timing),
      callbacks_(std::move(callbacks)),
      judge_(std::move(identity), timing) {}

void LeaseElector::Run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    Step();
    if (IsLeader()) {
      Lead(stop);
    } else {
      base::SleepFor(stop, Pause());
    }
  }
  Release();
}

void LeaseElector::Lead(const std::stop_token& stop) {
  std::stop_source term;
  const std::stop_callback end(stop, [&term] { term.request_stop(); });
  const auto work = base::StartThread("term", [this, &term](std::stop_token) {
    callbacks_.on_started_leading(term.get_token());
    term.request_stop();
  });
  while (!term.stop_requested()) {
    if (IsLeader()) base::SleepFor(term.get_token(), Pause());
    if (!IsLeader()) {
      term.request_stop();
    } else if (!term.stop_requested()) {
      Step();
    }
  }
}

void LeaseElector::Step() {
  const bool led = IsLeader();
  // While we lead, our own last write is what the server has, unless the next write is refused.
  base::Status done;
  if (!led) done = Look();
  if (done) done = Write();
  if (done) return;
  Report(done);
  // The deadline passed during the call: the term ends first, and the next step looks.
  if (led && !IsLeader()) return;
  const ErrorCode code = done.error().code;
  if (code == ErrorCode::kConflict || code == ErrorCode::kAlreadyExists ||
      code == ErrorCode::kNotFound || code == ErrorCode::kUnknownOutcome) {
    // Refused or in doubt: what is there now decides, and it may be ours already.
    if (const auto seen = Look(); !seen) Report(seen);
  }
}

base::Status LeaseElector::Look() {
  auto lease = client_.GetLease(name_, CallTimeout());
  if (!lease && lease.error().code != ErrorCode::kNotFound) return lease.error();
  judge_.Observe(lease ? std::optional(*std::move(lease)) : std::nullopt, clock_.Monotonic());
  return {};
}

base::Status LeaseElector::Write() {
  const auto asked = clock_.Monotonic();
  const auto wanted = judge_.Decide(asked, clock_.Wall());
  if (!wanted) return {};
  auto written = client_.WriteLease(name_, *wanted, CallTimeout());
  if (!written) return written.error();
  judge_.Written(*std::move(written), asked);
  return {};
}

void LeaseElector::Release() {
  if (const auto released = judge_.Release(clock_.Wall())) {
    // Best effort: an unreleased Lease expires.
    const auto done = client_.WriteLease(name_, *released, timing_.call_timeout);
    if (!done) Report(done.error());
  }
}

nanoseconds LeaseElector::Pause() {
  // Keeps rivals from trying in step.
  constexpr double kJitter = 0.2;
  const auto pause = std::chrono::duration_cast<nanoseconds>(timing_.retry_period *
                                                             (1.0 + kJitter * random_.Fraction()));
  const nanoseconds left = judge_.LeadsFor(clock_.Monotonic());
  return left.count() > 0 ? std::min(pause, left) : pause;
}

milliseconds LeaseElector::CallTimeout() const {
  const nanoseconds left = judge_.LeadsFor(clock_.Monotonic());
  if (left == left.zero()) return timing_.call_timeout;
  return std::min(timing_.call_timeout, std::chrono::ceil<milliseconds>(left));
}

void LeaseElector::Report(const base::Status& status) {
  if (callbacks_.on_trouble) callbacks_.on_trouble(status.error());
}

}  // namespace oneshot::lease
