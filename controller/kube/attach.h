#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace oneshot::kube {

/// What an attach tells its owner. Calls come one at a time from the attacher's threads and must not block.
struct AttachHandlers {
  std::function<void()> on_open;                     // the kubelet accepted; stdin may be written
  std::function<void(std::string_view)> on_stdout;   // bytes of the container's stdout, in order
  std::function<void(base::Error)> on_closed;        // once, last: refused, cut, or ended with the container.
                                                     // kNotFound: no such pod; kUnavailable: container not running yet, or cut
};

/// One WebSocket to a container's stdin and stdout (`pods/attach`, v5.channel.k8s.io). Dropping the pointer closes it;
/// no handler runs after the destructor has returned. Threads: any.
class AttachSession {
 public:
  virtual ~AttachSession() = default;
  /// Queues bytes for the container's stdin; before `on_open` they wait. Lost if the connection ends first: on_closed tells.
  virtual void Write(std::string bytes) = 0;
};

/// Opens attaches. Threads: any.
class Attacher {
 public:
  virtual ~Attacher() = default;
  virtual std::unique_ptr<AttachSession> Open(const std::string& pod_name, AttachHandlers handlers) = 0;
};

}  // namespace oneshot::kube
