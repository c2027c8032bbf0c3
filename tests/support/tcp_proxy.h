#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace oneshot::test {

/// Stands between a client and a server on 127.0.0.1 and misbehaves on demand. One thread; all
/// methods may be called from any.
class TcpProxy {
 public:
  explicit TcpProxy(std::uint16_t server_port);
  ~TcpProxy();
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  std::uint16_t Port() const { return port_; }

  enum class Mode {
    kForward,
    /// Accepts connections and takes what is sent, but nothing goes on in either direction, as with
    /// a server that is stopped.
    kStall,
    /// Ends every connection, and every new one at once.
    kCut,
  };
  void Set(Mode mode) { mode_ = mode; }

  /// Connections that came so far.
  int Accepted() const { return accepted_; }

 private:
  struct Peer {
    int other{-1};
    std::string outgoing;
  };

  void Run(const std::stop_token& stop);
  void Accept();
  void Read(int socket);
  void Write(int socket);
  void Close(int socket);

  const std::uint16_t server_port_;
  int listener_{-1};
  std::uint16_t port_{0};
  std::atomic<Mode> mode_{Mode::kForward};
  std::atomic<int> accepted_{0};
  // The thread's. Both ends of each connection, by socket.
  std::map<int, Peer> peers_;
  std::jthread thread_;  // last: it uses the others
};

/// `url` with its port replaced.
std::string WithPort(const std::string& url, std::uint16_t port);
/// The port of a URL that names one.
std::uint16_t PortOf(const std::string& url);

}  // namespace oneshot::test
