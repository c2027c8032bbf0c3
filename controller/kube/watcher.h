#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/kube/objects.h"

namespace oneshot::kube {

/// What a watcher tells its owner. Calls come from the watcher's one thread, in order, and must not
/// block. After `on_synced` the owner has seen every object there was; an object that vanished
/// while nobody watched is told by `on_deleted` after the next list. Level, not edge: the same
/// object may be told again.
template <typename T>
struct WatchHandlers {
  std::function<void(const T&)> on_changed;
  std::function<void(const T&)> on_deleted;
  std::function<void()> on_synced;
};

}  // namespace oneshot::kube
