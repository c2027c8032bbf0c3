#pragma once

#include <memory>
#include <string>

#include "api/http/router.h"
#include "core/base/result.h"

namespace oneshot::admin {

using namespace api::http;

/// A deliberately small HTTP/1.1 server for probes and metrics of a program that has no proxy in
/// front of it: the controller's pod, which the kubelet reaches by the pod's address. That is why
/// it is not cpprestsdk's listener, which must never listen on such an address (one malformed chunk
/// size ends the process).
///
/// One thread, at most 32 connections, each for one request without a body: at most 4 KiB of head
/// within 2 s, answered at once, then closed. A connection beyond the 32nd ends the oldest. Routes
/// run on this thread and must answer before they return.
class AdminServer {
 public:
  /// `address` is `host:port` with a literal IPv4 address; port 0 lets the kernel choose.
  /// Errors: kInvalidArgument (not such an address), kUnavailable (it cannot be bound).
  static base::Result<std::unique_ptr<AdminServer>> Start(const std::string& address,
                                                          Router router);

  virtual ~AdminServer() = default;
  virtual int Port() const = 0;
};

}  // namespace oneshot::admin
