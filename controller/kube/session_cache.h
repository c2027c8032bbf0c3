#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <mutex>

namespace oneshot::kube {

/// The newest TLS session that the server gave us, offered to it again at the next connect: that
/// spares both sides the certificates, the largest part of what connecting costs. Only for one
/// server and one identity. Threads: any.
class SessionCache {
 public:
  /// `context` must not outlive this object.
  void AttachTo(SSL_CTX* context);
  void Offer(SSL* connection);

 private:
  struct Free {
    void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
  };
  static int OnNewSession(SSL* connection, SSL_SESSION* session);

  std::mutex mutex_;
  std::unique_ptr<SSL_SESSION, Free> newest_;  // guarded by mutex_
};

}  // namespace oneshot::kube
