#include "tests/support/tcp_proxy.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>

#include "core/base/thread.h"

namespace oneshot::test {
namespace {

sockaddr_in Loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

int NewSocket() { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }

struct PortText {
  std::size_t begin;
  std::size_t end;
};

PortText FindPort(const std::string& url) {
  const std::size_t authority = url.find("//") + 2;
  const std::size_t end = url.find_first_of("/?", authority);
  const std::size_t colon = url.rfind(':', end);
  if (colon < authority || end == std::string::npos)
    throw std::invalid_argument("the URL names no port");
  return {colon + 1, end};
}

}  // namespace

std::string WithPort(const std::string& url, std::uint16_t port) {
  const auto [begin, end] = FindPort(url);
  return std::string(url).replace(begin, end - begin, std::to_string(port));
}

std::uint16_t PortOf(const std::string& url) {
  const auto [begin, end] = FindPort(url);
  return static_cast<std::uint16_t>(std::stoi(url.substr(begin, end - begin)));
}

TcpProxy::TcpProxy(std::uint16_t server_port) : server_port_(server_port), listener_(NewSocket()) {
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, generic, &size) != 0) {
    throw std::runtime_error("no port for a proxy");
  }
  port_ = ntohs(address.sin_port);
  thread_ = base::StartThread("tcp-proxy", [this](std::stop_token stop) { Run(stop); });
}

TcpProxy::~TcpProxy() {
  thread_.request_stop();
  thread_.join();
  while (!peers_.empty()) Close(peers_.begin()->first);
  ::close(listener_);
}

void TcpProxy::Run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const Mode mode = mode_;
    if (mode == Mode::kCut) {
      while (!peers_.empty()) Close(peers_.begin()->first);
    }
    std::vector<pollfd> polled{{.fd = listener_, .events = POLLIN, .revents = 0}};
    for (const auto& [socket, peer] : peers_) {
      const bool writes = mode == Mode::kForward && !peer.outgoing.empty();
      polled.push_back({.fd = socket,
                        .events = static_cast<short>(writes ? POLLIN | POLLOUT : POLLIN),
                        .revents = 0});
    }
    ::poll(polled.data(), polled.size(), /*timeout=*/10);
    if ((polled[0].revents & POLLIN) != 0) Accept();
    for (std::size_t i = 1; i < polled.size(); ++i) {
      if ((polled[i].revents & POLLOUT) != 0) Write(polled[i].fd);
      if ((polled[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0) Read(polled[i].fd);
    }
  }
}

void TcpProxy::Accept() {
  const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return;
  ++accepted_;
  const int server = NewSocket();
  const sockaddr_in address = Loopback(server_port_);
  if (mode_ == Mode::kCut ||
      ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(client);
    ::close(server);
    return;
  }
  peers_[client] = {.other = server, .outgoing = {}};
  peers_[server] = {.other = client, .outgoing = {}};
}

void TcpProxy::Read(int socket) {
  const auto peer = peers_.find(socket);
  if (peer == peers_.end()) return;
  char buffer[65'536];
  const ssize_t size = ::recv(socket, buffer, sizeof buffer, MSG_DONTWAIT);
  if (size < 0 && errno == EAGAIN) return;
  if (size <= 0) return Close(socket);
  peers_[peer->second.other].outgoing.append(buffer, static_cast<std::size_t>(size));
}

void TcpProxy::Write(int socket) {
  const auto peer = peers_.find(socket);
  if (peer == peers_.end()) return;
  std::string& outgoing = peer->second.outgoing;
  const ssize_t size =
      ::send(socket, outgoing.data(), outgoing.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (size > 0) outgoing.erase(0, static_cast<std::size_t>(size));
}

void TcpProxy::Close(int socket) {
  const auto peer = peers_.find(socket);
  if (peer == peers_.end()) return;
  const int other = peer->second.other;
  peers_.erase(peer);
  peers_.erase(other);
  ::close(socket);
  ::close(other);
}

}  // namespace oneshot::test
