#pragma once

#include <functional>

#include "core/base/clock.h"

namespace oneshot::kube {

/// What a ListWatch tells its owner. Calls come from its one thread, in order, and must not block.
/// After `on_synced` the owner has seen every object there was. An object that vanished between two
/// watches is reported by `on_deleted` after the next list, with only the fields that identify it.
/// Level, not edge: the same object may be reported again. Empty functions are not called.
template <typename T>
struct WatchHandlers {
  std::function<void(const T&)> on_changed;
  std::function<void(const T&)> on_deleted;
  /// A LIST begins: whatever is told from here to `on_synced` is newer than this call.
  std::function<void()> on_listing{};
  std::function<void()> on_synced;
  /// The API server has said something, if only a bookmark.
  std::function<void(base::MonotonicTime now)> on_heard{};
};

}  // namespace oneshot::kube
