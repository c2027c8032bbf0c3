#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "controller/kube/backoff.h"
#include "controller/kube/http.h"
#include "controller/kube/objects.h"
#include "controller/kube/watch_handlers.h"
#include "core/base/clock.h"
#include "core/base/guarded.h"
#include "core/base/heartbeat.h"

namespace oneshot::kube {

/// What happened to a watch, for metrics and logs. Called from the Run thread; empty functions are
/// not called.
struct WatchHooks {
  /// A new watch begins at the last version.
  std::function<void()> on_restart;
  /// A LIST begins, the first one included.
  std::function<void()> on_relist;
  /// Our version is none that the server has: too old (410), or newer than its etcd.
  std::function<void()> on_expired;
  /// Why the next pause.
  std::function<void(const base::Error&)> on_trouble;
};

struct WatchOptions {
  std::string run_namespace;
  std::string label_selector;
  /// How long the server is asked to let a watch live; spread by up to a quarter, so that many
  /// watches do not end together. The server sends a bookmark 2 s before the end, and otherwise
  /// once a minute (apiserver, cache_watcher.go: nextBookmarkTime), so a short life is what makes
  /// silence tell something: at the price of one request for each watch and life.
  std::chrono::seconds life{20};
  /// A watch that brings no byte for so long is dead, whatever TCP says. Longer than any life.
  std::chrono::milliseconds max_silence{30'000};
  /// client-go: a watch that is shorter and brought nothing means a server in trouble.
  std::chrono::milliseconds very_short{1'000};
  std::chrono::milliseconds first_pause{800};
  std::chrono::milliseconds longest_pause{30'000};
  WatchHooks hooks;
};

/// List, then watch, for ever: client-go's reflector. Tells the owner about every T that matches.
/// Never gives up: what goes wrong is reported to the hooks and tried again. A watch that ended or
/// was cut resumes from the last version seen. It lists again when the server refuses the version,
/// when an event cannot be read, and when nothing was heard during a whole watch: a server whose
/// etcd was restored from a backup may accept a version that it has not reached yet, and then holds
/// back everything older. T is Job or Pod.
template <typename T>
class ListWatch {
 public:
  ListWatch(std::shared_ptr<Credentials> credentials, WatchOptions options,
            WatchHandlers<T> handlers);

  /// Returns when `stop` is requested. One thread, whose heartbeat is `heartbeat`: it beats at
  /// least once in max_silence, or in the 30 s that a page of a list may take.
  void Run(std::stop_token stop, base::Heartbeat& heartbeat);

  /// Lists again at once, whatever goes on. Threads: any; does not wait.
  void Relist();

 private:
  enum class Next { kWatch, kWatchAfterPause, kList, kListAfterPause };
  using Objects = std::map<std::string, T>;

  /// One list, watch or pause.
  struct Step {
    /// Relist was called during the step before.
    bool relist{false};
    /// Stopped by Relist.
    std::stop_source interrupt;
  };

  Step BeginStep();
  Next List(const std::stop_token& stop);
  Next Watch(const std::stop_token& stop);
  bool OnLine(std::string_view line);
  Next AfterWatch(const base::Result<HttpAnswer>& answer, base::MonotonicTime began);
  Next Trouble(Next next, const base::Error& error);
  Next Expired();
  /// False when `stop` was requested.
  bool Pause(const std::stop_token& stop);
  void TellChanged(const T& object, Objects* seen);
  void Heard();

  // Fixed after construction.
  const WatchOptions options_;
  const WatchHandlers<T> handlers_;

  /// The present step; its `relist` is for the next one.
  base::Guarded<Step> step_;

  // Of the Run thread.
  base::Heartbeat* heartbeat_{nullptr};
  HttpTransport transport_;
  Backoff backoff_;
  /// By name, with only the fields that identify an object.
  Objects known_;
  std::string resource_version_;
  int retry_after_seconds_{0};
  /// No event has come since the list after an expiry: the next expiry pauses.
  bool relisted_for_expiry_{false};
  std::size_t events_in_watch_{0};
  /// Set when an event ended the current watch.
  std::optional<Next> broken_by_event_;
};

}  // namespace oneshot::kube
