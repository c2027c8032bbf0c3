#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace oneshot::kube {

class Credentials;

/// What an attach tells its owner. Calls come one at a time from the client's one thread and must
/// not block. Empty functions are not called.
struct AttachHandlers {
  /// The API server accepted; stdin may be written. It asks the kubelet only afterwards (stream
  /// translation since Kubernetes 1.30), so what is written may still be lost: on_closed reports
  /// it, and the runner's `started` is the proof.
  std::function<void()> on_open;
  /// The container wrote to its stdout. The lines that this completed, in order and without '\n';
  /// none while a line is unfinished. Lines that came together are handed over together.
  std::function<void(const std::vector<std::string>&)> on_lines;
  /// Once, last: refused, cut, or ended with the container. kNotFound: no such pod; kUnavailable:
  /// container not running yet, or cut.
  std::function<void(const base::Error&)> on_closed;
};

/// One WebSocket to a container's stdin and stdout (`pods/attach`, v5.channel.k8s.io). Threads:
/// any.
///
/// containerd copies the container's stdout to the log and to all clients in turn, under a lock
/// that attaching takes too: a client that stops reading stops the log and every other client once
/// the buffers on its way are full. So read on, or drop the connection.
///
/// Dropping the last pointer sends what was queued, then closes, and resets the connection if that
/// takes longer than connect_deadline, so that no half-open link stays behind. No handler runs
/// after the drop has returned, and the handlers are destroyed. For that the drop waits until the
/// client's thread is between two calls: never drop it under a lock that a handler of any attach
/// takes. From inside a handler it may be dropped.
class AttachConnection {
 public:
  virtual ~AttachConnection() = default;
  /// Queues bytes for the container's stdin; before `on_open` they wait. Lost if the connection
  /// ends first: on_closed reports it.
  virtual void Write(std::string bytes) = 0;
};

/// Opens attaches. Must outlive its connections. Threads: any.
class AttachClient {
 public:
  virtual ~AttachClient() = default;
  virtual std::shared_ptr<AttachConnection> Open(const std::string& pod_name,
                                                 AttachHandlers handlers) = 0;
};

struct AttachOptions {
  std::string run_namespace;
  std::string container{"python"};
  /// For name resolution, TCP, TLS and upgrade together.
  std::chrono::milliseconds connect_deadline{10'000};
  /// Without a byte for this long the connection is dead; pings go out at half of it. It is the API
  /// server that answers them, so they tell nothing about the node: that a kubelet or a runner is
  /// away shows itself when an answer of theirs does not come.
  std::chrono::milliseconds max_silence{60'000};
  /// A longer line is cut (line_splitter.h); the runner's are of 12 KiB at most.
  std::size_t max_line_bytes{32U << 10};
};

/// Any number of TLS connections on one thread. Do not destroy it from inside a handler.
std::unique_ptr<AttachClient> MakeAttachClient(std::shared_ptr<Credentials> credentials,
                                               AttachOptions options);

}  // namespace oneshot::kube
