#pragma once

#include <atomic>
#include <functional>
#include <stop_token>
#include <string>

#include "controller/kube/client.h"
#include "controller/lease/lease_judge.h"
#include "core/base/clock.h"

namespace oneshot::lease {

/// From the elector's thread. Each gain is followed by a loss, at the latest when the elector
/// stops.
struct Callbacks {
  std::function<void()> on_gained;
  /// Leader work must have ended when it returns: on a clean stop the Lease is released right
  /// after.
  std::function<void()> on_lost;
  std::function<void(const base::Error&)> on_trouble{};  // a call failed; tried again
};

/// Keeps trying to hold the Lease `name` and tells when it does. Whoever leads must still fence its
/// writes (see LeaseJudge).
class LeaseElector {
 public:
  LeaseElector(kube::Client& client, const base::Clock& clock, std::string name,
               std::string identity, Timing timing, Callbacks callbacks);

  /// Returns when `stop` is requested and a held Lease was released. One thread.
  void Run(std::stop_token stop);

  /// Ends by itself when renewing took too long, even before on_lost could be called. Threads: any.
  bool IsLeader() const { return clock_.Monotonic() < leader_until_.load(); }

 private:
  void Step();
  base::Status Look();
  base::Status Act(const LeaseJudge::Move& move);
  void Tell();
  void Release();
  void Report(const base::Status& status);

  kube::Client& client_;
  const base::Clock& clock_;
  const std::string name_;
  const Timing timing_;
  const Callbacks callbacks_;
  std::atomic<base::MonotonicTime> leader_until_{base::MonotonicTime::min()};

  // Of the Run thread.
  LeaseJudge judge_;
  bool told_gained_{false};
};

}  // namespace oneshot::lease
