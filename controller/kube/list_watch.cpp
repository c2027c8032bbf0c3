#include "controller/kube/list_watch.h"

#include <algorithm>
#include <utility>

#include "controller/kube/api_error.h"
#include "controller/kube/line_splitter.h"
#include "controller/kube/url.h"
#include "core/base/random.h"
#include "core/base/thread.h"

namespace oneshot::kube {
namespace {

using base::ErrorCode;
using std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::size_t kMaxLineBytes = 4U << 20;  // objects are limited to about 1.5 MB
constexpr auto kVeryShortWatch =
    1s;  // client-go: shorter, and without an event, is a server in trouble
constexpr int kShortestWatchSeconds = 300;  // spread, so that many watches do not end together
constexpr int kWatchSpreadSeconds = 300;

void Call(const std::function<void()>& hook) {
  if (hook) hook();
}

}  // namespace

ListWatch::ListWatch(std::shared_ptr<Credentials> credentials, WatchOptions options,
                     std::unique_ptr<WatchedKind> kind)
    : options_(std::move(options)),
      kind_(std::move(kind)),
      transport_(std::move(credentials), options_.user_agent),
      last_heard_(steady_clock::now()),
      backoff_(options_.first_pause, options_.longest_pause) {}

void ListWatch::Run(std::stop_token stop) {
  Next next = Next::kList;
  while (!stop.stop_requested()) {
    switch (next) {
      case Next::kListAfterPause:
        Pause(stop);
        next = Next::kList;
        break;
      case Next::kWatchAfterPause:
        Pause(stop);
        next = Next::kWatch;
        break;
      case Next::kList:
        next = List(stop);
        break;
      case Next::kWatch:
        next = Watch(stop);
        break;
    }
  }
}

void ListWatch::Remember(std::map<std::string, ObjectKey>* seen, const ObjectKey& key) {
  const auto known = known_.find(key.name);
  if (known != known_.end() && known->second.uid != key.uid) {
    // The name was given to another object while nobody looked: the old one is gone, and that is
    // told first.
    kind_->TellVanished(known->second);
    known_.erase(known);
  }
  seen->insert_or_assign(key.name, key);
}

ListWatch::Next ListWatch::List(const std::stop_token& stop) {
  Call(options_.hooks.on_relist);
  const std::string first_page = kind_->Path(options_.run_namespace) + "?limit=500&labelSelector=" +
                                 PercentEncode(options_.label_selector);
  std::map<std::string, ObjectKey> seen;
  WatchedKind::Page page;
  do {
    HttpRequest request{"GET", first_page, {}};
    if (!page.continue_token.empty()) {
      request.target += "&continue=" + PercentEncode(page.continue_token);
    }
    const auto answer = transport_.Send(request, stop);
    if (!answer) return Trouble(Next::kListAfterPause, answer.error());
    last_heard_ = steady_clock::now();
    if (answer->status == 410) return Expired();  // the continue token outlived its five minutes
    if (answer->status != 200) {
      return Trouble(Next::kListAfterPause,
                     ErrorFromAnswer(answer->status, answer->body, answer->retry_after_seconds));
    }
    auto told = kind_->TellPage(answer->body, [&](const ObjectKey& key) { Remember(&seen, key); });
    if (!told) return Trouble(Next::kListAfterPause, told.error());
    page = *std::move(told);
  } while (!page.continue_token.empty());

  for (const auto& [name, key] : known_) {
    if (!seen.contains(name)) kind_->TellVanished(key);
  }
  known_ = std::move(seen);
  resource_version_ = page.resource_version;
  kind_->TellSynced();
  return Next::kWatch;
}

ListWatch::Next ListWatch::Watch(const std::stop_token& stop) {
  Call(options_.hooks.on_restart);
  const int seconds =
      kShortestWatchSeconds + static_cast<int>(base::RandomFraction() * kWatchSpreadSeconds);
  HttpRequest request{"GET", kind_->Path(options_.run_namespace), {}};
  request.target +=
      "?watch=true&allowWatchBookmarks=true&timeoutSeconds=" + std::to_string(seconds) +
      "&resourceVersion=" + PercentEncode(resource_version_) +
      "&labelSelector=" + PercentEncode(options_.label_selector);
  events_in_watch_ = 0;
  broken_by_event_.reset();
  LineSplitter lines(kMaxLineBytes);
  const auto began = steady_clock::now();
  const auto answer = transport_.Stream(
      request, options_.max_silence,
      [&](std::string_view bytes) {
        last_heard_ = steady_clock::now();
        if (lines.Feed(bytes, [this](std::string_view line) { return OnLine(line); })) return true;
        if (!broken_by_event_) {
          broken_by_event_ =
              Trouble(Next::kListAfterPause,
                      {ErrorCode::kInternal, "a watch event is over its size limit"});
        }
        return false;
      },
      stop);
  if (broken_by_event_) return *broken_by_event_;
  return AfterWatch(answer, began);
}

bool ListWatch::OnLine(std::string_view line) {
  auto event = kind_->TellEvent(line, [this](const ObjectKey& key) { Remember(&known_, key); });
  if (!event) {
    // Whatever it said is lost; only a list can make up for it.
    broken_by_event_ = Trouble(Next::kListAfterPause, event.error());
    return false;
  }
  if (event->type == WatchEventType::kError) {
    const base::Error error = ErrorFromStatus(event->status);
    if (error.code == ErrorCode::kExpired) {
      broken_by_event_ = Expired();
    } else {
      broken_by_event_ = Trouble(Next::kWatchAfterPause, error);
    }
    return false;
  }
  if (event->type == WatchEventType::kDeleted) known_.erase(event->key.name);
  resource_version_ = event->resource_version;
  ++events_in_watch_;
  relisted_for_expiry_ = false;
  backoff_.Reset();
  return true;
}

ListWatch::Next ListWatch::AfterWatch(const base::Result<HttpAnswer>& answer,
                                      base::MonotonicTime began) {
  const bool very_short = events_in_watch_ == 0 && steady_clock::now() - began < kVeryShortWatch;
  if (!answer) {
    // A cut connection says nothing about our version. Having been heard is a reason to come back
    // at once.
    const Next next = events_in_watch_ > 0 ? Next::kWatch : Next::kWatchAfterPause;
    return Trouble(next, answer.error());
  }
  if (answer->status == 200) {
    if (!very_short) return Next::kWatch;
    return Trouble(Next::kWatchAfterPause,
                   {ErrorCode::kUnavailable, "a watch ended at once without an event"});
  }
  last_heard_ = steady_clock::now();
  if (answer->status == 410) return Expired();
  const base::Error error =
      ErrorFromAnswer(answer->status, answer->body, answer->retry_after_seconds);
  // 400: the server cannot read our version; a list gives another. All else is its trouble, and a
  // list would add to it.
  const bool bad_version = error.code == ErrorCode::kInvalidArgument;
  return Trouble(bad_version ? Next::kListAfterPause : Next::kWatchAfterPause, error);
}

ListWatch::Next ListWatch::Expired() {
  Call(options_.hooks.on_expired);
  // Ordinary after a pause of more than 75 s (the server's history), so list at once; twice in a
  // row is not.
  return std::exchange(relisted_for_expiry_, true) ? Next::kListAfterPause : Next::kList;
}

ListWatch::Next ListWatch::Trouble(Next next, const base::Error& error) {
  if (error.code == ErrorCode::kCancelled) return next;
  retry_after_seconds_ = std::max(retry_after_seconds_, error.retry_after_seconds);
  if (options_.hooks.on_trouble) options_.hooks.on_trouble(error);
  return next;
}

void ListWatch::Pause(const std::stop_token& stop) {
  const auto asked = std::chrono::seconds(std::exchange(retry_after_seconds_, 0));
  const std::chrono::milliseconds ours = backoff_.Next();
  base::SleepFor(stop, asked > 0s ? std::chrono::milliseconds(asked) : ours);
}

}  // namespace oneshot::kube
