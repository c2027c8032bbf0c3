#pragma once

#include <memory>
#include <string>

#include "core/admin/admin.h"
#include "core/base/result.h"

namespace oneshot::admin {

/// Serves the admin pages of a program that has no proxy in front of it, such as the controller,
/// whose pod a scraper reaches by its address. The api's own listener must never be reachable like
/// that.
///
/// One thread and at most 32 connections, each for one GET or HEAD: a head of at most 4 KiB within
/// 2 s, answered at once, then closed. A body is not read. A connection beyond the 32nd ends the
/// oldest one.
class AdminServer {
 public:
  /// `address` is a literal address and a port, such as 127.0.0.1:8082 or [::1]:8082; port 0 lets
  /// the kernel choose. Errors: kInvalidArgument (not such an address), kUnavailable (the address
  /// cannot be bound).
  static base::Result<std::unique_ptr<AdminServer>> Start(const std::string& address,
                                                          AdminSources sources);

  virtual ~AdminServer() = default;
  virtual int Port() const = 0;
};

}  // namespace oneshot::admin
