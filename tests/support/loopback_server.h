#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/http_text.h"
#include "tests/support/websocket_frames.h"

namespace oneshot::test {

using ConnectionId = std::uint64_t;

/// TLS sockets on 127.0.0.1 and a port that the system chose; one thread does everything, the
/// peer's calls included. Knows HTTP requests and WebSocket frames, and nothing of what they mean.
class LoopbackServer {
 public:
  /// Called on the server's thread.
  class Peer {
   public:
    virtual ~Peer() = default;
    virtual void OnRequest(ConnectionId connection, const Request& request) = 0;
    virtual void OnMessage(ConnectionId connection, const Frame& frame) = 0;
    virtual void OnGone(ConnectionId connection) = 0;
  };

  explicit LoopbackServer(Peer& peer);
  ~LoopbackServer() { Stop(); }
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  std::uint16_t Port() const { return port_; }

  /// Connections that began with a session of an earlier one. Threads: any.
  int ResumedCount() const { return resumed_; }

  /// Connections that neither side has ended. Threads: any.
  int OpenCount() const { return open_; }

  /// Runs `task` on the server's thread. Threads: any.
  void Post(std::function<void()> task) { After(std::chrono::milliseconds(0), std::move(task)); }
  void After(std::chrono::milliseconds delay, std::function<void()> task);

  /// After it nothing is called any more. Threads: any but the server's.
  void Stop();

  // The rest is for the server's thread; unknown connections are ignored, they may just have gone.
  void Send(ConnectionId connection, std::string bytes);
  /// From now on what comes in are frames.
  void BecomeWebSocket(ConnectionId connection);
  /// From now on nothing is taken out of its socket.
  void StopReading(ConnectionId connection);
  /// Once all is sent.
  void Close(ConnectionId connection);
  /// At once, with RST and without TLS's goodbye.
  void Reset(ConnectionId connection);

 private:
  struct FreeTls {
    void operator()(SSL* tls) const { SSL_free(tls); }
  };
  struct Connection {
    int socket{-1};
    std::unique_ptr<SSL, FreeTls> tls;
    std::string incoming;
    std::string outgoing;
    bool is_websocket{false};
    bool closing{false};
    bool reads{true};
  };
  using Tasks = std::multimap<std::chrono::steady_clock::time_point, std::function<void()>>;

  void Run(const std::stop_token& stop);
  int RunDueTasks();
  void Accept();
  void Receive(ConnectionId id);
  void Dispatch(ConnectionId id);
  void Flush(ConnectionId id);
  void Drop(ConnectionId id);

  Peer& peer_;
  int listener_{-1};
  int wake_{-1};
  std::uint16_t port_{0};
  std::atomic<int> resumed_{0};
  std::atomic<int> open_{0};
  std::mutex mutex_;
  Tasks tasks_;  // guarded by mutex_

  // Of the server's thread.
  std::map<ConnectionId, Connection> connections_;
  ConnectionId next_id_{1};

  std::jthread thread_;
};

}  // namespace oneshot::test
