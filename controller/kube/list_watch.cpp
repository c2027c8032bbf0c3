#include "controller/kube/list_watch.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "controller/kube/codec.h"
#include "controller/kube/line_splitter.h"
#include "controller/kube/url.h"
#include "core/base/random.h"
#include "core/base/thread.h"

namespace oneshot::kube {
namespace {

using base::ErrorCode;
using std::chrono::steady_clock;
using namespace std::chrono_literals;

// Objects are limited to about 1.5 MB.
constexpr std::size_t kMaxLineBytes = 4U << 20;
// Of a watch's life.
constexpr double kSpread = 0.25;

// What differs between the kinds: where they are listed, and what identifies an object.

template <typename T>
std::string CollectionPath(const std::string& run_namespace) {
  return std::is_same_v<T, Job> ? JobsPath(run_namespace) : PodsPath(run_namespace);
}

template <typename T>
T IdentityOf(const T& object) {
  T identity;
  identity.meta.name = object.meta.name;
  identity.meta.uid = object.meta.uid;
  if constexpr (std::is_same_v<T, Pod>) identity.job_name = object.job_name;
  return identity;
}

template <typename Function, typename... Arguments>
void Call(const Function& function, const Arguments&... arguments) {
  if (function) function(arguments...);
}

}  // namespace

template <typename T>
ListWatch<T>::ListWatch(std::shared_ptr<Credentials> credentials, WatchOptions options,
                        WatchHandlers<T> handlers)
    : options_(std::move(options)),
      handlers_(std::move(handlers)),
      transport_(std::move(credentials)),
      backoff_(options_.first_pause, options_.longest_pause) {}

template <typename T>
void ListWatch<T>::Run(std::stop_token stop, base::Heartbeat& heartbeat) {
  heartbeat_ = &heartbeat;
  Next next = Next::kList;
  while (!stop.stop_requested()) {
    Step step = BeginStep();
    const std::stop_callback forward(stop, [&step] { step.interrupt.request_stop(); });
    const std::stop_token interrupted = step.interrupt.get_token();
    if (step.relist) next = Next::kList;
    const bool after_pause = next == Next::kListAfterPause || next == Next::kWatchAfterPause;
    if (after_pause && !Pause(interrupted)) continue;
    heartbeat_->Beat();
    const bool is_list = next == Next::kList || next == Next::kListAfterPause;
    next = is_list ? List(interrupted) : Watch(interrupted);
  }
}

template <typename T>
typename ListWatch<T>::Step ListWatch<T>::BeginStep() {
  auto step = step_.Acquire();
  step->interrupt = std::stop_source();
  return {.relist = std::exchange(step->relist, false), .interrupt = step->interrupt};
}

template <typename T>
void ListWatch<T>::Relist() {
  std::stop_source interrupt = [this] {
    auto step = step_.Acquire();
    step->relist = true;
    return step->interrupt;
  }();
  // Not under the lock: this runs callbacks.
  interrupt.request_stop();
}

template <typename T>
void ListWatch<T>::Heard() {
  heartbeat_->Beat();
  Call(handlers_.on_heard, steady_clock::now());
}

template <typename T>
void ListWatch<T>::TellChanged(const T& object, Objects* seen) {
  const auto known = known_.find(object.meta.name);
  if (known != known_.end() && known->second.meta.uid != object.meta.uid) {
    // The name was given to another object between two looks: the old one is gone, which comes
    // first.
    Call(handlers_.on_deleted, known->second);
    known_.erase(known);
  }
  seen->insert_or_assign(object.meta.name, IdentityOf(object));
  Call(handlers_.on_changed, object);
}

template <typename T>
typename ListWatch<T>::Next ListWatch<T>::List(const std::stop_token& stop) {
  Call(options_.hooks.on_relist);
  Call(handlers_.on_listing);
  const std::string first_page =
      CollectionPath<T>(options_.run_namespace) +
      "?limit=500&labelSelector=" + PercentEncode(options_.label_selector);
  Objects seen;
  ListPage<T> page;
  do {
    HttpRequest request{"GET", first_page};
    if (!page.continue_token.empty()) {
      request.target += "&continue=" + PercentEncode(page.continue_token);
    }
    const auto answer = transport_.Send(request, stop);
    if (!answer) return Trouble(Next::kListAfterPause, answer.error());
    // The continue token outlived its five minutes.
    if (answer->status == 410) return Expired();
    if (answer->status != 200) {
      return Trouble(Next::kListAfterPause,
                     ErrorFromAnswer(answer->status, answer->body, answer->retry_after_seconds));
    }
    auto decoded = DecodeListPage<T>(answer->body);
    if (!decoded) return Trouble(Next::kListAfterPause, decoded.error());
    page = *std::move(decoded);
    Heard();
    for (const T& object : page.items) TellChanged(object, &seen);
  } while (!page.continue_token.empty());

  for (const auto& [name, object] : known_) {
    if (!seen.contains(name)) Call(handlers_.on_deleted, object);
  }
  known_ = std::move(seen);
  resource_version_ = page.resource_version;
  Call(handlers_.on_synced);
  return Next::kWatch;
}

template <typename T>
typename ListWatch<T>::Next ListWatch<T>::Watch(const std::stop_token& stop) {
  Call(options_.hooks.on_restart);
  const auto life = std::chrono::round<std::chrono::seconds>(
      options_.life * (1.0 + kSpread * base::RandomFraction()));
  HttpRequest request{"GET", CollectionPath<T>(options_.run_namespace)};
  request.target +=
      "?watch=true&allowWatchBookmarks=true&timeoutSeconds=" + std::to_string(life.count()) +
      "&resourceVersion=" + PercentEncode(resource_version_) +
      "&labelSelector=" + PercentEncode(options_.label_selector);
  events_in_watch_ = 0;
  broken_by_event_.reset();
  LineSplitter lines(kMaxLineBytes);
  request.on_bytes = [&](std::string_view bytes) {
    return lines.Feed(bytes, [this](std::string_view line) { return OnLine(line); });
  };
  request.max_silence = options_.max_silence;
  const auto began = steady_clock::now();
  const auto answer = transport_.Send(request, stop);
  if (broken_by_event_) return *broken_by_event_;
  return AfterWatch(answer, began);
}

template <typename T>
bool ListWatch<T>::OnLine(std::string_view line) {
  Heard();
  auto event = DecodeWatchEvent<T>(line);
  if (!event) {
    // Whatever it said is lost; only a list can make up for it.
    broken_by_event_ = Trouble(Next::kListAfterPause, event.error());
    return false;
  }
  switch (event->type) {
    case WatchEventType::kAdded:
    case WatchEventType::kModified:
      TellChanged(event->object, &known_);
      break;
    case WatchEventType::kDeleted:
      Call(handlers_.on_deleted, event->object);
      known_.erase(event->object.meta.name);
      break;
    case WatchEventType::kBookmark:
      break;
    case WatchEventType::kError:
      broken_by_event_ = event->error.code == ErrorCode::kExpired
                             ? Expired()
                             : Trouble(Next::kWatchAfterPause, event->error);
      return false;
  }
  resource_version_ = event->resource_version;
  ++events_in_watch_;
  relisted_for_expiry_ = false;
  backoff_.Reset();
  return true;
}

template <typename T>
typename ListWatch<T>::Next ListWatch<T>::AfterWatch(const base::Result<HttpAnswer>& answer,
                                                     base::MonotonicTime began) {
  const auto lived = steady_clock::now() - began;
  if (!answer) {
    // After an event, coming back at once is right. A cut connection says nothing about our
    // version; silence may be a server that waits for it.
    if (events_in_watch_ > 0) return Trouble(Next::kWatch, answer.error());
    const bool was_silent = lived >= options_.max_silence;
    return Trouble(was_silent ? Next::kList : Next::kWatchAfterPause, answer.error());
  }
  if (answer->status == 200) {
    if (events_in_watch_ > 0) return Next::kWatch;
    // Not even a bookmark: either nothing has happened in the whole cluster, and a list costs as
    // little, or the server is not where our version is.
    if (lived >= options_.very_short) return Next::kList;
    return Trouble(Next::kWatchAfterPause,
                   {ErrorCode::kUnavailable, "a watch ended at once without an event"});
  }
  const base::Error error =
      ErrorFromAnswer(answer->status, answer->body, answer->retry_after_seconds);
  if (error.code == ErrorCode::kExpired) return Expired();
  // 400: the server cannot read our version; a list gives another. All else is its trouble, and a
  // list would add to it.
  const bool bad_version = error.code == ErrorCode::kInvalidArgument;
  return Trouble(bad_version ? Next::kListAfterPause : Next::kWatchAfterPause, error);
}

template <typename T>
typename ListWatch<T>::Next ListWatch<T>::Expired() {
  Call(options_.hooks.on_expired);
  // Ordinary after a pause of more than 75 s (the server's history), so list at once; twice in a
  // row is not.
  return std::exchange(relisted_for_expiry_, true) ? Next::kListAfterPause : Next::kList;
}

template <typename T>
typename ListWatch<T>::Next ListWatch<T>::Trouble(Next next, const base::Error& error) {
  if (error.code == ErrorCode::kCancelled) return next;
  retry_after_seconds_ = std::max(retry_after_seconds_, error.retry_after_seconds);
  Call(options_.hooks.on_trouble, error);
  return next;
}

template <typename T>
bool ListWatch<T>::Pause(const std::stop_token& stop) {
  const auto asked = std::chrono::seconds(std::exchange(retry_after_seconds_, 0));
  const std::chrono::milliseconds ours = backoff_.Next();
  heartbeat_->Rest();
  return base::SleepFor(stop, asked > 0s ? std::chrono::milliseconds(asked) : ours);
}

template class ListWatch<Job>;
template class ListWatch<Pod>;

}  // namespace oneshot::kube
