#include <utility>

#include "controller/kube/list_watch.h"
#include "controller/kube/url.h"

namespace oneshot::kube {
namespace {

std::string PathOf(const Job*, const std::string& run_namespace) { return JobsPath(run_namespace); }
std::string PathOf(const Pod*, const std::string& run_namespace) { return PodsPath(run_namespace); }

ObjectKey KeyOf(const Job& job) { return {job.meta.name, job.meta.uid, {}}; }
ObjectKey KeyOf(const Pod& pod) { return {pod.meta.name, pod.meta.uid, pod.job_name}; }

Job LastTraceOf(const Job*, const ObjectKey& key) {
  Job job;
  job.meta.name = key.name;
  job.meta.uid = key.uid;
  return job;
}

Pod LastTraceOf(const Pod*, const ObjectKey& key) {
  Pod pod;
  pod.meta.name = key.name;
  pod.meta.uid = key.uid;
  pod.job_name = key.job_name;
  return pod;
}

template <typename T>
class TypedKind final : public WatchedKind {
 public:
  explicit TypedKind(WatchHandlers<T> handlers) : handlers_(std::move(handlers)) {}

  std::string Path(const std::string& run_namespace) const override {
    return PathOf(static_cast<const T*>(nullptr), run_namespace);
  }

  base::Result<Page> TellPage(std::string_view body, const BeforeTelling& before) override {
    auto page = DecodeListPage<T>(body);
    if (!page) return page.error();
    for (const T& item : page->items) {
      before(KeyOf(item));
      if (handlers_.on_changed) handlers_.on_changed(item);
    }
    return Page{page->resource_version, page->continue_token};
  }

  base::Result<Event> TellEvent(std::string_view line, const BeforeTelling& before) override {
    auto decoded = DecodeWatchEvent<T>(line);
    if (!decoded) return decoded.error();
    const T& object = decoded->object;
    Event event{decoded->type, KeyOf(object), decoded->resource_version, decoded->status};
    switch (event.type) {
      case WatchEventType::kAdded:
      case WatchEventType::kModified:
        before(event.key);
        if (handlers_.on_changed) handlers_.on_changed(object);
        break;
      case WatchEventType::kDeleted:
        if (handlers_.on_deleted) handlers_.on_deleted(object);
        break;
      case WatchEventType::kBookmark:
      case WatchEventType::kError:
        break;
    }
    return event;
  }

  void TellVanished(const ObjectKey& key) override {
    if (handlers_.on_deleted)
      handlers_.on_deleted(LastTraceOf(static_cast<const T*>(nullptr), key));
  }

  void TellSynced() override {
    if (handlers_.on_synced) handlers_.on_synced();
  }

 private:
  const WatchHandlers<T> handlers_;
};

}  // namespace

template <typename T>
Watcher<T>::Watcher(std::shared_ptr<Credentials> credentials, WatchOptions options,
                    WatchHandlers<T> handlers)
    : list_watch_(std::move(credentials), std::move(options),
                  std::make_unique<TypedKind<T>>(std::move(handlers))) {}

template class Watcher<Job>;
template class Watcher<Pod>;

}  // namespace oneshot::kube
