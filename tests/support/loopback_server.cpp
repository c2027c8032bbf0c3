#include "tests/support/loopback_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <stop_token>
#include <utility>

#include "tests/support/loopback_tls.h"

namespace oneshot::test {
namespace {

void Must(bool done) {
  if (!done) std::abort();  // a machine without loopback sockets runs no component tests
}

}  // namespace

LoopbackServer::LoopbackServer(Peer& peer) : peer_(peer) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  wake_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  Must(bind(listener_, generic, sizeof address) == 0 && listen(listener_, 1024) == 0);
  socklen_t size = sizeof address;
  Must(getsockname(listener_, generic, &size) == 0);
  port_ = ntohs(address.sin_port);
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

void LoopbackServer::Stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  Post([] {});
  thread_.join();
  for (const auto& [id, connection] : connections_) close(connection.socket);
  connections_.clear();
  close(listener_);
  close(wake_);
}

void LoopbackServer::After(std::chrono::milliseconds delay, std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.emplace(std::chrono::steady_clock::now() + delay, std::move(task));
  }
  const std::uint64_t one = 1;
  Must(write(wake_, &one, sizeof one) == sizeof one);
}

int LoopbackServer::RunDueTasks() {
  for (;;) {
    std::function<void()> task;
    {
      const std::lock_guard lock(mutex_);
      if (tasks_.empty()) return -1;
      const auto left = tasks_.begin()->first - std::chrono::steady_clock::now();
      if (left > left.zero()) {
        return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count());
      }
      task = std::move(tasks_.begin()->second);
      tasks_.erase(tasks_.begin());
    }
    task();
  }
}

void LoopbackServer::Run(const std::stop_token& stop) {
  // OpenSSL writes to sockets without MSG_NOSIGNAL.
  sigset_t broken_pipe;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  Must(pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr) == 0);
  std::vector<pollfd> polled;
  std::vector<ConnectionId> ids;
  for (;;) {
    const int timeout = RunDueTasks();
    if (stop.stop_requested()) return;
    polled.assign({{listener_, POLLIN, 0}, {wake_, POLLIN, 0}});
    ids.clear();
    for (const auto& [id, connection] : connections_) {
      const int events =
          (connection.reads ? POLLIN : 0) | (connection.outgoing.empty() ? 0 : POLLOUT);
      polled.push_back({connection.socket, static_cast<short>(events), 0});
      ids.push_back(id);
    }
    Must(poll(polled.data(), polled.size(), timeout) >= 0 || errno == EINTR);
    std::uint64_t count = 0;
    if ((polled[1].revents & POLLIN) != 0) Must(read(wake_, &count, sizeof count) > 0);
    if ((polled[0].revents & POLLIN) != 0) Accept();
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const short events = polled[i + 2].revents;
      if ((events & POLLOUT) != 0) Flush(ids[i]);
      if ((events & (POLLIN | POLLHUP | POLLERR)) != 0) Receive(ids[i]);
    }
  }
}

void LoopbackServer::Accept() {
  const int socket = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (socket < 0) return;
  const int on = 1;
  Must(setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0);
  Connection& connection = connections_[next_id_++];
  ++open_;
  connection.socket = socket;
  connection.tls.reset(SSL_new(LoopbackServerTls()));
  Must(connection.tls != nullptr && SSL_set_fd(connection.tls.get(), socket) == 1);
  SSL_set_accept_state(connection.tls.get());
}

void LoopbackServer::Receive(ConnectionId id) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  Connection& connection = found->second;
  SSL* const tls = connection.tls.get();
  const bool was_shaking_hands = SSL_is_init_finished(tls) == 0;
  // Until nothing is left in the socket or in the library, where poll() would not see it.
  char buffer[65536];
  int size = 0;
  while ((size = SSL_read(tls, buffer, sizeof buffer)) > 0) {
    connection.incoming.append(buffer, static_cast<std::size_t>(size));
  }
  const bool is_gone = SSL_get_error(tls, size) != SSL_ERROR_WANT_READ;
  ERR_clear_error();
  if (was_shaking_hands && SSL_is_init_finished(tls) != 0) resumed_ += SSL_session_reused(tls);
  Dispatch(id);
  if (!is_gone || !connections_.contains(id)) return;
  Drop(id);
  peer_.OnGone(id);
}

void LoopbackServer::Dispatch(ConnectionId id) {
  // A call may drop the connection or change what its bytes mean.
  for (auto it = connections_.find(id); it != connections_.end() && !it->second.closing;
       it = connections_.find(id)) {
    if (it->second.is_websocket) {
      const auto frame = TakeFrame(&it->second.incoming);
      if (!frame) return;
      peer_.OnMessage(id, *frame);
    } else {
      const auto request = TakeRequest(&it->second.incoming);
      if (!request) return;
      peer_.OnRequest(id, *request);
    }
  }
}

void LoopbackServer::Send(ConnectionId id, std::string bytes) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  found->second.outgoing += bytes;
  Flush(id);
}

void LoopbackServer::Flush(ConnectionId id) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  Connection& connection = found->second;
  while (!connection.outgoing.empty()) {
    const int sent = SSL_write(connection.tls.get(), connection.outgoing.data(),
                               static_cast<int>(connection.outgoing.size()));
    ERR_clear_error();
    // What cannot be sent is found out by the next receive.
    if (sent <= 0) break;
    connection.outgoing.erase(0, static_cast<std::size_t>(sent));
  }
  if (!connection.closing || !connection.outgoing.empty()) return;
  SSL_shutdown(connection.tls.get());
  ERR_clear_error();
  Drop(id);
}

void LoopbackServer::BecomeWebSocket(ConnectionId id) {
  if (const auto found = connections_.find(id); found != connections_.end()) {
    found->second.is_websocket = true;
  }
}

void LoopbackServer::StopReading(ConnectionId id) {
  if (const auto found = connections_.find(id); found != connections_.end()) {
    found->second.reads = false;
  }
}

void LoopbackServer::Close(ConnectionId id) {
  if (const auto found = connections_.find(id); found != connections_.end()) {
    found->second.closing = true;
    Flush(id);
  }
}

void LoopbackServer::Reset(ConnectionId id) {
  if (const auto found = connections_.find(id); found != connections_.end()) {
    const linger at_once{1, 0};
    Must(setsockopt(found->second.socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) == 0);
    Drop(id);
  }
}

void LoopbackServer::Drop(ConnectionId id) {
  const auto found = connections_.find(id);
  close(found->second.socket);
  connections_.erase(found);
  --open_;
}

}  // namespace oneshot::test
