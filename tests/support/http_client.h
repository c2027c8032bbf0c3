#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace oneshot::test {

struct Answer {
  int status{0};
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

/// One connection to a server on 127.0.0.1, spoken to in raw bytes, so that a test can say what no
/// proper client would. Reading gives up after 20 s; nothing here measures time. Threads: one.
class Client {
 public:
  explicit Client(int port);
  ~Client();
  Client(Client&& other) noexcept;
  Client& operator=(Client&&) = delete;

  void Send(std::string_view bytes);
  void Send(const std::string& method, const std::string& target, const std::string& body = "",
            const std::string& headers = "Content-Type: application/json\r\n");

  /// The next response, complete. Status 0 when the server closed the connection or said nothing.
  Answer Read(bool is_answer_to_head = false);
  /// The head of the next response only.
  Answer ReadHead();
  /// Of a chunked body: reads on until all that came so far contains `text`. False when the stream
  /// ends before.
  bool ReadUntil(std::string_view text);
  /// What ReadUntil has read.
  const std::string& streamed() const { return streamed_; }
  /// A chunked body was read to its last chunk, so that it is known to be whole.
  bool HasLastChunk() const { return has_last_chunk_; }

  /// True when the server has closed the connection.
  bool IsClosedByServer();
  void Close();

 private:
  bool Receive();
  std::optional<std::string> TakeLine();
  std::optional<std::string> TakeBytes(std::size_t count);
  /// False at the end of the body.
  bool TakeChunk(std::string& body);

  int socket_{-1};
  std::string received_;
  std::string streamed_;
  bool has_last_chunk_{false};
};

/// One request on a connection of its own.
Answer Call(int port, const std::string& method, const std::string& target,
            const std::string& body = "",
            const std::string& headers = "Content-Type: application/json\r\n");

/// A port on 127.0.0.1 on which nothing listens at this moment.
int FreePort();

}  // namespace oneshot::test
