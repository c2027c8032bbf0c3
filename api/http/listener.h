#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "api/http/router.h"
#include "api/http/worker_pool.h"
#include "core/base/result.h"
#include "core/telemetry/metrics.h"

namespace oneshot::api::http {

struct ListenerOptions {
  /// Literal loopback address and port. Nothing else is accepted: cpprestsdk's listener has no
  /// timeouts and no limits, and one malformed chunk size ends the process, so a strict proxy
  /// stands in front of it in the same pod.
  std::string address{"127.0.0.1:8081"};
  /// cpprestsdk's pool, shared by all listeners of the process; the first one decides. They only
  /// move bytes.
  int server_threads{4};
  std::size_t max_body_bytes{12'582'912};
  std::size_t max_streams{1000};
  /// Of answers that their clients have not read yet, and of large requests while they are dealt
  /// with, four times their size. It bounds what slow readers and many writers can make us hold;
  /// streams have bounds of their own.
  std::size_t max_held_bytes{201'326'592};
};

/// The HTTP server: cpprestsdk's http_listener, with what it lacks. Its .cpp is the only file that
/// knows cpprestsdk.
///
/// A request is read completely, then routed to a worker or answered on the server's thread. When
/// the workers' queue is full the answer is 503 with Retry-After. A handler that throws or forgets
/// to answer gives a 500 with the request's id.
class Listener {
 public:
  /// Errors: kInvalidArgument (the address), kUnavailable (it cannot be bound). `workers` and
  /// `metrics` must outlive it.
  static base::Result<std::unique_ptr<Listener>> Start(const ListenerOptions& options,
                                                       Router router, WorkerPool& workers,
                                                       telemetry::Metrics& metrics);

  virtual ~Listener() = default;

  /// Refuses new requests, lets those under way finish for at most `grace`, cuts the streams that
  /// are left, closes. Call it before the destructor, from the main thread: cpprestsdk's close cuts
  /// what is under way, and waits forever for a stream that is left open. If closing hangs all the
  /// same, the process ends here.
  virtual void Stop(std::chrono::milliseconds grace) = 0;
};

}  // namespace oneshot::api::http
