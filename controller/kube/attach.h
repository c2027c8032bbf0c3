#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace oneshot::kube {

/// What an attach tells its owner. Calls come one at a time from the attacher's threads and must
/// not block.
struct AttachHandlers {
  // The API server accepted; stdin may be written. It asks the kubelet only afterwards (stream
  // translation since Kubernetes 1.30), so what is written may still be lost: on_closed tells, and
  // the runner's `started` is the proof.
  std::function<void()> on_open;
  std::function<void(std::string_view)> on_stdout;  // bytes of the container's stdout, in order
  std::function<void(base::Error)>
      on_closed;  // once, last: refused, cut, or ended with the container.
                  // kNotFound: no such pod; kUnavailable: container not running yet, or cut
  std::function<void(std::string_view)>
      on_stderr{};  // optional: the runner's own diagnostics, asked for only when set
};

/// One WebSocket to a container's stdin and stdout (`pods/attach`, v5.channel.k8s.io). Dropping the
/// pointer closes it after sending what was queued; no handler runs after the destructor has
/// returned. The destructor therefore waits for a handler that is running on another thread: do not
/// drop it under a lock that a handler takes. From inside a handler it may be dropped. Threads:
/// any.
class AttachSession {
 public:
  virtual ~AttachSession() = default;
  /// Queues bytes for the container's stdin; before `on_open` they wait. Lost if the connection
  /// ends first: on_closed tells.
  virtual void Write(std::string bytes) = 0;
};

/// Opens attaches. Outlives its sessions. Threads: any.
class Attacher {
 public:
  virtual ~Attacher() = default;
  virtual std::unique_ptr<AttachSession> Open(const std::string& pod_name,
                                              AttachHandlers handlers) = 0;
};

}  // namespace oneshot::kube
