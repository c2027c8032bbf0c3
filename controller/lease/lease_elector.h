#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>

#include "controller/kube/client.h"
#include "controller/lease/lease_judge.h"
#include "core/base/clock.h"
#include "core/base/random.h"

namespace oneshot::lease {

struct Callbacks {
  /// Does the leader's work. Runs on a thread of its own while Run renews the Lease, at most one
  /// call at a time. `term` is stopped when the Lease is lost, when it could not be renewed for the
  /// renew deadline, and when the elector is stopped; the callback must then return within a
  /// bounded time, because the Lease is neither renewed nor released nor competed for until it has.
  /// A callback that returns earlier is called again as soon as a renewal has confirmed the Lease;
  /// it must do its own waiting.
  std::function<void(std::stop_token term)> on_started_leading;
  /// A call failed and will be tried again. From the thread of Run.
  std::function<void(const base::Error&)> on_trouble{};
};

/// Competes for the Lease `name` and leads while it holds it, in the manner of client-go's
/// leaderelection. The leader must still fence its writes (see LeaseJudge).
class LeaseElector {
 public:
  LeaseElector(kube::Client& client, const base::Clock& clock, base::Random& random,
               std::string name, std::string identity, Timing timing, Callbacks callbacks);

  /// Returns when `stop` was requested, the last term has ended and a held Lease was released. One
  /// thread.
  void Run(std::stop_token stop);

  // What Run is made of, for a caller that drives it by itself: Step after each Pause, Release at
  // the end.

  /// One attempt to get or to keep the Lease. While leading it ends by the renew deadline, even if
  /// the API server does not answer.
  void Step();
  bool IsLeader() const { return judge_.IsLeader(clock_.Monotonic()); }
  /// How long to wait for the next step; a leader's wait ends with its lead.
  std::chrono::nanoseconds Pause();
  /// Gives the Lease up, if it is held.
  void Release();

 private:
  /// One term: from holding the Lease until on_started_leading has returned.
  void Lead(const std::stop_token& stop);
  base::Status Look();
  base::Status Write();
  std::chrono::milliseconds CallTimeout() const;
  void Report(const base::Status& status);

  kube::Client& client_;
  const base::Clock& clock_;
  base::Random& random_;
  const std::string name_;
  const Timing timing_;
  const Callbacks callbacks_;
  LeaseJudge judge_;
};

}  // namespace oneshot::lease
