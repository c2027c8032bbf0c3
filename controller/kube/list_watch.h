#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "controller/kube/backoff.h"
#include "controller/kube/codec.h"
#include "controller/kube/http.h"
#include "controller/kube/watcher.h"
#include "core/base/clock.h"

namespace oneshot::kube {

/// What happened to a watch, for metrics and logs. From the watcher's thread; empty functions are
/// not called.
struct WatchHooks {
  std::function<void()> on_restart;                    // a new watch from the last version
  std::function<void()> on_relist;                     // a LIST, the first one included
  std::function<void()> on_expired;                    // our version was too old (410)
  std::function<void(const base::Error&)> on_trouble;  // what the next pause is for
};

struct WatchOptions {
  std::string run_namespace;
  std::string label_selector;
  std::string user_agent{"oneshot-controller/0.1.0"};
  /// Bookmarks come about once a minute, so this much silence is a dead connection.
  std::chrono::milliseconds max_silence{90'000};
  std::chrono::milliseconds first_pause{800};
  std::chrono::milliseconds longest_pause{30'000};
  WatchHooks hooks;
};

/// What the state machine knows of an object; whole objects go straight to the owner.
struct ObjectKey {
  std::string name;
  std::string uid;
  std::string job_name;  // of a Pod, so that its disappearance can be told with it
};

/// One kind's part in a list and watch: decode, and tell the owner. Implemented in watch_kinds.cpp.
class WatchedKind {
 public:
  struct Page {
    std::string resource_version;
    std::string continue_token;
  };
  struct Event {
    WatchEventType type{WatchEventType::kBookmark};
    ObjectKey key;
    std::string resource_version;
    ApiStatus status;
  };
  using BeforeTelling = std::function<void(const ObjectKey&)>;

  virtual ~WatchedKind() = default;
  /// `/apis/...` without a query.
  virtual std::string Path(const std::string& run_namespace) const = 0;
  /// Tells every object of the page as changed; `before` is called ahead of each.
  virtual base::Result<Page> TellPage(std::string_view body, const BeforeTelling& before) = 0;
  /// Tells the event's object as changed or deleted; bookmarks and errors tell nothing.
  virtual base::Result<Event> TellEvent(std::string_view line, const BeforeTelling& before) = 0;
  virtual void TellVanished(const ObjectKey& key) = 0;
  virtual void TellSynced() = 0;
};

/// List, then watch, for ever: client-go's reflector. Never gives up; what goes wrong is told to
/// the hooks and tried again. A clean end or a cut of the watch resumes from the last version seen;
/// only 410 (or an unreadable event) lists again.
class ListWatch {
 public:
  ListWatch(std::shared_ptr<Credentials> credentials, WatchOptions options,
            std::unique_ptr<WatchedKind> kind);

  /// Returns when `stop` is requested. One thread.
  void Run(std::stop_token stop);

  /// When the server was last heard, for health checks. Threads: any.
  base::MonotonicTime LastHeard() const { return last_heard_.load(); }

 private:
  enum class Next { kWatch, kWatchAfterPause, kList, kListAfterPause };

  Next List(const std::stop_token& stop);
  Next Watch(const std::stop_token& stop);
  bool OnLine(std::string_view line);
  Next AfterWatch(const base::Result<HttpAnswer>& answer, base::MonotonicTime began);
  Next Trouble(Next next, const base::Error& error);
  Next Expired();
  void Pause(const std::stop_token& stop);
  void Remember(std::map<std::string, ObjectKey>* seen, const ObjectKey& key);

  const WatchOptions options_;  // fixed after construction
  const std::unique_ptr<WatchedKind> kind_;
  HttpTransport transport_;
  std::atomic<base::MonotonicTime> last_heard_;

  // Of the Run thread.
  Backoff backoff_;
  std::map<std::string, ObjectKey> known_;  // by name
  std::string resource_version_;
  int retry_after_seconds_{0};
  bool relisted_for_expiry_{false};  // and no event since: the next expiry pauses
  std::size_t events_in_watch_{0};
  std::optional<Next> broken_by_event_;  // an event ended the current watch
};

/// Tells the owner about every T (Job or Pod) that matches. Run it on a thread of its own.
template <typename T>
class Watcher {
 public:
  Watcher(std::shared_ptr<Credentials> credentials, WatchOptions options,
          WatchHandlers<T> handlers);

  void Run(std::stop_token stop) { list_watch_.Run(std::move(stop)); }
  base::MonotonicTime LastHeard() const { return list_watch_.LastHeard(); }

 private:
  ListWatch list_watch_;
};

}  // namespace oneshot::kube
