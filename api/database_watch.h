#pragma once

#include <functional>
#include <thread>

#include "core/base/clock.h"
#include "core/base/guarded.h"
#include "core/base/result.h"

namespace oneshot::api {

/// Whether requests can be served: prepares the database (migrations) as soon as it can be reached,
/// then asks every second. The program starts without its database and becomes ready when it comes.
/// Threads: any.
class DatabaseWatch {
 public:
  /// An answer older than this is none.
  static constexpr std::chrono::seconds kFresh{5};

  /// `prepare` is repeated until it succeeds, `ping` from then on. `clock` must outlive it.
  DatabaseWatch(std::function<base::Status()> prepare, std::function<base::Status()> ping,
                const base::Clock& clock);

  /// As of the last answer; never waits. The errors' messages are for everybody: what is wrong in
  /// detail stands in the log.
  base::Status Readiness() const;

 private:
  struct Answer {
    bool is_ready{false};
    base::MonotonicTime at{};
  };

  void Watch(const std::stop_token& stop, const std::function<base::Status()>& prepare,
             const std::function<base::Status()>& ping);

  const base::Clock& clock_;
  mutable base::Guarded<Answer> answer_;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace oneshot::api
