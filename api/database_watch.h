#pragma once

#include <functional>
#include <string>
#include <thread>

#include "core/base/guarded.h"
#include "core/base/result.h"
#include "core/store/run_store.h"

namespace oneshot::api {

/// Whether requests can be served: prepares the database (migrations) as soon as it can be reached,
/// then asks every second. The program starts without its database and becomes ready when it comes.
/// Threads: any.
class DatabaseWatch {
 public:
  /// `prepare` is repeated until it succeeds. `store` must outlive it.
  DatabaseWatch(store::RunStore& store, std::function<base::Status()> prepare);

  /// As of the last look; never waits.
  base::Status Readiness() const;

 private:
  void Watch(const std::stop_token& stop, const std::function<base::Status()>& prepare);

  store::RunStore& store_;
  mutable base::Guarded<base::Status> status_{
      base::Error{base::ErrorCode::kUnavailable, "the database has not been reached yet"}};
  std::jthread thread_;
};

}  // namespace oneshot::api
