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

namespace oneshot::kube {

/// What happened to a watch, for metrics and logs. Called from the Run thread; empty functions are
/// not called.
struct WatchHooks {
  /// A new watch begins at the last version.
  std::function<void()> on_restart;
  /// A LIST begins, the first one included.
  std::function<void()> on_relist;
  /// Our version was too old (410).
  std::function<void()> on_expired;
  /// Why the next pause.
  std::function<void(const base::Error&)> on_trouble;
};

struct WatchOptions {
  std::string run_namespace;
  std::string label_selector;
  /// Bookmarks come about once a minute, so this much silence is a dead connection.
  std::chrono::milliseconds max_silence{90'000};
  std::chrono::milliseconds first_pause{800};
  std::chrono::milliseconds longest_pause{30'000};
  WatchHooks hooks;
};

/// List, then watch, for ever: client-go's reflector. Tells the owner about every T that matches.
/// Never gives up: what goes wrong is reported to the hooks and tried again. A watch that ended or
/// was cut resumes from the last version seen; only 410 (or an unreadable event) lists again.
/// T is Job or Pod.
template <typename T>
class ListWatch {
 public:
  ListWatch(std::shared_ptr<Credentials> credentials, WatchOptions options,
            WatchHandlers<T> handlers);

  /// Returns when `stop` is requested. One thread.
  void Run(std::stop_token stop);

 private:
  enum class Next { kWatch, kWatchAfterPause, kList, kListAfterPause };
  using Objects = std::map<std::string, T>;

  Next List(const std::stop_token& stop);
  Next Watch(const std::stop_token& stop);
  bool OnLine(std::string_view line);
  Next AfterWatch(const base::Result<HttpAnswer>& answer, base::MonotonicTime began);
  Next Trouble(Next next, const base::Error& error);
  Next Expired();
  /// False when `stop` was requested.
  bool Pause(const std::stop_token& stop);
  void TellChanged(const T& object, Objects* seen);

  // Fixed after construction.
  const WatchOptions options_;
  const WatchHandlers<T> handlers_;

  // Of the Run thread.
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
