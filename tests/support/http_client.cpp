#include "tests/support/http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace oneshot::test {
namespace {

sockaddr_in Loopback(int port) {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  name.sin_port = htons(static_cast<std::uint16_t>(port));
  return name;
}

}  // namespace

Client::Client(int port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval patience{.tv_sec = 20, .tv_usec = 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  const sockaddr_in name = Loopback(port);
  if (connect(socket_, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0) Close();
}

Client::~Client() { Close(); }

Client::Client(Client&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      received_(std::move(other.received_)),
      streamed_(std::move(other.streamed_)),
      has_last_chunk_(other.has_last_chunk_) {}

void Client::Close() {
  if (socket_ >= 0) close(std::exchange(socket_, -1));
}

void Client::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void Client::Send(const std::string& method, const std::string& target, const std::string& body,
                  const std::string& headers) {
  std::string request = method + " " + target + " HTTP/1.1\r\nHost: test\r\n";
  if (!body.empty()) request += headers + "Content-Length: " + std::to_string(body.size()) + "\r\n";
  if (body.empty() && headers.find("Content-Type") == std::string::npos) request += headers;
  Send(request + "\r\n" + body);
}

bool Client::Receive() {
  char bytes[65'536];
  const ssize_t got = recv(socket_, bytes, sizeof bytes, 0);
  if (got <= 0) return false;
  received_.append(bytes, static_cast<std::size_t>(got));
  return true;
}

bool Client::IsClosedByServer() {
  char byte = 0;
  return recv(socket_, &byte, 1, MSG_PEEK) == 0;
}

std::optional<std::string> Client::TakeLine() {
  std::size_t end = 0;
  while ((end = received_.find("\r\n")) == std::string::npos) {
    if (!Receive()) return std::nullopt;
  }
  std::string line = received_.substr(0, end);
  received_.erase(0, end + 2);
  return line;
}

std::optional<std::string> Client::TakeBytes(std::size_t count) {
  while (received_.size() < count) {
    if (!Receive()) return std::nullopt;
  }
  std::string bytes = received_.substr(0, count);
  received_.erase(0, count);
  return bytes;
}

bool Client::TakeChunk(std::string& body) {
  const auto size_line = TakeLine();
  if (!size_line || size_line->empty()) return false;
  const std::size_t size = std::stoul(*size_line, nullptr, 16);
  const auto chunk = TakeBytes(size + 2);
  has_last_chunk_ = chunk && size == 0;
  if (!chunk || size == 0) return false;
  body += chunk->substr(0, size);
  return true;
}

Answer Client::ReadHead() {
  Answer answer;
  const auto status_line = TakeLine();
  if (!status_line || status_line->size() < 12) return answer;
  while (const auto line = TakeLine()) {
    if (line->empty()) {
      answer.status = std::stoi(status_line->substr(9, 3));
      break;
    }
    const std::size_t colon = line->find(':');
    if (colon == std::string::npos) break;
    std::string name = line->substr(0, colon);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    answer.headers[name] = line->substr(std::min(line->size(), colon + 2));
  }
  return answer;
}

Answer Client::Read(bool is_answer_to_head) {
  Answer answer = ReadHead();
  if (is_answer_to_head || answer.status == 0) return answer;
  if (answer.headers.contains("content-length")) {
    answer.body = TakeBytes(std::stoul(answer.headers["content-length"])).value_or("");
  } else if (answer.headers.contains("transfer-encoding")) {
    while (TakeChunk(answer.body)) {
    }
  }
  return answer;
}

bool Client::ReadUntil(std::string_view text) {
  while (streamed_.find(text) == std::string::npos) {
    if (!TakeChunk(streamed_)) return false;
  }
  return true;
}

Answer Call(int port, const std::string& method, const std::string& target, const std::string& body,
            const std::string& headers) {
  Client client(port);
  client.Send(method, target, body, headers);
  return client.Read(method == "HEAD");
}

int FreePort() {
  const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in name = Loopback(0);
  socklen_t size = sizeof name;
  bind(probe, reinterpret_cast<const sockaddr*>(&name), size);
  getsockname(probe, reinterpret_cast<sockaddr*>(&name), &size);
  close(probe);
  return ntohs(name.sin_port);
}

}  // namespace oneshot::test
