#pragma once

#include <functional>

namespace oneshot::kube {

/// What a ListWatch tells its owner. Calls come from its one thread, in order, and must not block.
/// After `on_synced` the owner has seen every object there was. An object that vanished between two
/// watches is reported by `on_deleted` after the next list, with only the fields that identify it.
/// Level, not edge: the same object may be reported again.
template <typename T>
struct WatchHandlers {
  std::function<void(const T&)> on_changed;
  std::function<void(const T&)> on_deleted;
  std::function<void()> on_synced;
};

}  // namespace oneshot::kube
