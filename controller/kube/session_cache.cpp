#include "controller/kube/session_cache.h"

namespace oneshot::kube {
namespace {

/// Our own slot in an SSL_CTX; Asio keeps its verify callback in the application's.
int Slot() {
  static const int slot = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return slot;
}

}  // namespace

void SessionCache::AttachTo(SSL_CTX* context) {
  SSL_CTX_set_ex_data(context, Slot(), this);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, &SessionCache::OnNewSession);
}

void SessionCache::Offer(SSL* connection) {
  const std::lock_guard lock(mutex_);
  if (newest_ != nullptr) SSL_set_session(connection, newest_.get());
}

int SessionCache::OnNewSession(SSL* connection, SSL_SESSION* session) {
  auto* self = static_cast<SessionCache*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(connection), Slot()));
  const std::lock_guard lock(self->mutex_);
  self->newest_.reset(session);
  return 1;  // the reference is ours now
}

}  // namespace oneshot::kube
