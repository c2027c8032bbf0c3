#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "controller/kube/credentials.h"
#include "controller/kube/handler_gate.h"

namespace oneshot::kube {

/// TLS settings of one identity, shared by its connections, with the sessions that the server gave
/// them.
struct AttachTls;
std::shared_ptr<AttachTls> MakeAttachTls(std::shared_ptr<const TlsIdentity> identity);
const std::shared_ptr<const TlsIdentity>& IdentityOf(const AttachTls& tls);

struct AttachRequest {
  Endpoint server;
  std::string target;
  std::string user_agent;
  std::chrono::milliseconds connect_deadline;
  std::chrono::milliseconds max_silence;
  std::shared_ptr<Credentials> credentials;
  std::shared_ptr<AttachTls> tls;  // null: unencrypted
};

/// One WebSocket to `pods/attach`. Pending operations keep it alive; it ends by itself, and at
/// Leave(). Threads: any.
class AttachConnection {
 public:
  virtual ~AttachConnection() = default;
  virtual void Start() = 0;
  virtual void Write(std::string bytes) = 0;
  /// The owner left: sends what is queued, then closes.
  virtual void Leave() = 0;
};

std::shared_ptr<AttachConnection> MakeAttachConnection(boost::asio::io_context& io,
                                                       AttachRequest request,
                                                       std::shared_ptr<HandlerGate> gate);

}  // namespace oneshot::kube
