#include "core/admin/admin_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <cstring>
#include <list>
#include <sstream>
#include <thread>
#include <vector>

#include "core/base/clock.h"
#include "core/base/thread.h"

namespace oneshot::admin {
namespace {

constexpr std::size_t kMaxConnections = 32;
constexpr std::size_t kMaxHeadBytes = 4096;
constexpr std::chrono::seconds kRequestTime{2};

class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  Descriptor(Descriptor&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

struct Connection {
  Descriptor socket;
  base::MonotonicTime deadline;
  std::string input{};
  std::string output{};
};

/// Keeps the response for the thread that asked for it.
class Answer final : public Exchange {
 public:
  explicit Answer(Response& response) : response_(response) {}
  void Reply(Response response) override { response_ = std::move(response); }
  std::shared_ptr<Stream> Open(Response) override { return nullptr; }

 private:
  Response& response_;
};

std::string Encode(const Response& response, bool with_body) {
  std::string text = "HTTP/1.1 " + std::to_string(response.status) + " \r\n";
  for (const auto& [name, value] : response.headers) {
    if (IsHeaderValue(value)) text += name + ": " + value + "\r\n";
  }
  text +=
      "Content-Length: " + std::to_string(response.body.size()) + "\r\nConnection: close\r\n\r\n";
  return with_body ? text + response.body : text;
}

base::Error Invalid(const std::string& address) {
  return {base::ErrorCode::kInvalidArgument, "not an IPv4 address and port: " + address};
}

class Server final : public AdminServer {
 public:
  Server(Descriptor listening, int port, Router router)
      : listening_(std::move(listening)),
        wake_(eventfd(0, EFD_CLOEXEC)),
        port_(port),
        router_(std::move(router)),
        thread_(base::StartThread("admin-http", [this](std::stop_token stop) { Serve(stop); })) {}

  ~Server() override {
    thread_.request_stop();
    eventfd_write(wake_.get(), 1);
  }

  int Port() const override { return port_; }

 private:
  void Serve(const std::stop_token& stop) {
    std::list<Connection> connections;
    while (!stop.stop_requested()) {
      std::vector<pollfd> polled{{wake_.get(), POLLIN, 0}, {listening_.get(), POLLIN, 0}};
      for (const Connection& connection : connections) {
        polled.push_back({connection.socket.get(),
                          static_cast<short>(connection.output.empty() ? POLLIN : POLLOUT), 0});
      }
      poll(polled.data(), polled.size(), /*milliseconds=*/200);

      const auto now = std::chrono::steady_clock::now();
      auto ready = polled.begin() + 2;
      for (auto connection = connections.begin(); connection != connections.end(); ++ready) {
        const bool goes_on =
            connection->deadline > now && (ready->revents == 0 || Continue(*connection));
        connection = goes_on ? std::next(connection) : connections.erase(connection);
      }
      // Without a descriptor to be had (EMFILE) the listening socket stays ready, and the loop must
      // not spin on it.
      if (polled[1].revents != 0 && !Accept(connections, now))
        base::SleepFor(stop, std::chrono::milliseconds(50));
    }
  }

  bool Accept(std::list<Connection>& connections, base::MonotonicTime now) {
    Descriptor socket(accept4(listening_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.get() < 0) return false;
    if (connections.size() >= kMaxConnections) connections.pop_front();
    connections.push_back({std::move(socket), now + kRequestTime});
    return true;
  }

  /// False when the connection is done with.
  bool Continue(Connection& connection) {
    if (connection.output.empty()) {
      char bytes[1024];
      const ssize_t got = recv(connection.socket.get(), bytes, sizeof bytes, 0);
      if (got <= 0) return got < 0 && (errno == EAGAIN || errno == EINTR);
      connection.input.append(bytes, static_cast<std::size_t>(got));
      const std::size_t end = connection.input.find("\r\n\r\n");
      if (end == std::string::npos) return connection.input.size() <= kMaxHeadBytes;
      connection.output = AnswerTo(connection.input.substr(0, connection.input.find("\r\n")));
      if (connection.output.empty()) return false;
    }
    const ssize_t sent = send(connection.socket.get(), connection.output.data(),
                              connection.output.size(), MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN || errno == EINTR;
    connection.output.erase(0, static_cast<std::size_t>(sent));
    if (!connection.output.empty()) return true;
    shutdown(connection.socket.get(), SHUT_WR);
    return false;
  }

  /// Empty when the line is not HTTP.
  std::string AnswerTo(const std::string& request_line) {
    Request request;
    std::string version;
    std::istringstream words(request_line);
    words >> request.method >> request.target >> version;
    if (!version.starts_with("HTTP/1.")) return "";
    const std::size_t question = request.target.find('?');
    if (question != std::string::npos) {
      request.query = request.target.substr(question + 1);
      request.target.resize(question);
    }
    Response response;
    const Router::Match match = router_.Find(request.method, request.target);
    if (match.route) {
      match.route->handler(request, Responder(std::make_unique<Answer>(response), request));
    } else {
      response = AnswerWithoutRoute(match, request);
    }
    return Encode(response, request.method != "HEAD");
  }

  const Descriptor listening_;
  const Descriptor wake_;
  const int port_;
  const Router router_;
  std::jthread thread_;
};

}  // namespace

base::Result<std::unique_ptr<AdminServer>> AdminServer::Start(const std::string& address,
                                                              Router router) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos) return Invalid(address);
  const std::string port_text = address.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] =
      std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  if (error != std::errc() || end != port_text.data() + port_text.size() ||
      inet_pton(AF_INET, address.substr(0, colon).c_str(), &name.sin_addr) != 1) {
    return Invalid(address);
  }
  name.sin_port = htons(port);

  Descriptor listening(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int reuse = 1;
  setsockopt(listening.get(), SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse);
  socklen_t size = sizeof name;
  if (bind(listening.get(), reinterpret_cast<const sockaddr*>(&name), size) != 0 ||
      listen(listening.get(), 64) != 0 ||
      getsockname(listening.get(), reinterpret_cast<sockaddr*>(&name), &size) != 0) {
    return base::Error{base::ErrorCode::kUnavailable,
                       "cannot listen on " + address + ": " + std::strerror(errno)};
  }
  return std::unique_ptr<AdminServer>(
      std::make_unique<Server>(std::move(listening), ntohs(name.sin_port), std::move(router)));
}

}  // namespace oneshot::admin
