#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/loopback_server.h"
#include "tests/support/wait_until.h"

namespace oneshot::test {

/// One request that a test expects, and what is answered, step by step. Built with chained calls
/// before it is asked.
class Exchange {
 public:
  // What the request must have besides its method and the beginning of its target.
  Exchange& WithQuery(std::string name, std::string value);
  Exchange& WithHeader(std::string lower_case_name, std::string value);
  Exchange& WithBody(std::string part);

  // The steps of the answer, in order.
  Exchange& Answer(int status, std::string_view body, const HeaderList& headers = {});
  Exchange& StartStream();                 // 200, the body follows
  Exchange& Line(std::string_view text);   // of the body, with its newline
  Exchange& Bytes(std::string_view text);  // of the body, as they are
  Exchange& EndStream();                   // a clean end
  Exchange& UpgradeToWebSocket();
  Exchange& Message(int channel, std::string_view payload);
  Exchange& AwaitMessage();  // goes on when the client has sent another message
  Exchange& CloseFrame();
  Exchange& GoDeaf();       // pings and closes are not answered any more
  Exchange& StopReading();  // what the client sends stays on its way
  Exchange& Wait(std::chrono::milliseconds time);
  Exchange& AwaitRelease();  // goes on when the test calls Release()
  Exchange& Close();         // the connection, wherever the answer is
  Exchange& Reset();         // the same with RST
  // A script that ends with neither leaves the connection as it is: silent.

 private:
  friend class ScriptedServer;
  struct Step {
    enum class Kind {
      kSend,
      kUpgrade,
      kWait,
      kAwaitMessage,
      kAwaitRelease,
      kGoDeaf,
      kStopReading,
      kClose,
      kReset
    };
    Kind kind;
    std::string bytes;
    std::chrono::milliseconds time{0};
  };
  Exchange(std::string method, std::string target)
      : method_(std::move(method)), target_(std::move(target)) {}
  Exchange& Add(Step::Kind kind, std::string bytes = {});
  /// Empty when `request` is what this expects.
  std::string Mismatch(const Request& request) const;

  const std::string method_;
  const std::string target_;
  std::vector<std::pair<std::string, std::string>> queries_;
  HeaderList headers_;
  std::string body_part_;
  std::deque<Step> steps_;
};

/// A peer that expects exactly the requests it was told of, in that order, and answers them as it
/// was told. Any other request fails the test and says which; an expectation nobody asked for fails
/// it at the end.
class ScriptedServer final : private LoopbackServer::Peer {
 public:
  ScriptedServer();
  ~ScriptedServer() override;

  std::uint16_t Port() const { return server_.Port(); }
  int ResumedCount() const { return server_.ResumedCount(); }
  int OpenCount() const { return server_.OpenCount(); }

  /// Expects a request next, whose path is `path`. Finish building before the client may ask.
  Exchange& Expect(const std::string& method, const std::string& path);

  /// Lets the exchange that waits in AwaitRelease(), or the next one to get there, go on.
  void Release();

  /// All expected requests came and were answered to their last step; else a failure that names
  /// what is missing.
  bool WaitUntilDone(std::chrono::milliseconds patience = kPatience);

  /// What came so far, in order.
  std::vector<Request> Requests() const;
  /// WebSocket messages that came so far, the channel byte first; control frames are left out.
  std::vector<std::string> Messages() const;

 private:
  void OnRequest(ConnectionId connection, const Request& request) override;
  void OnMessage(ConnectionId connection, const Frame& frame) override;
  void OnGone(ConnectionId connection) override;

  void Play(ConnectionId connection);
  bool PlayStep(ConnectionId connection, const Exchange::Step& step);
  std::string Missing() const;

  struct Running {
    std::unique_ptr<Exchange> exchange;
    std::string websocket_key;
    std::size_t new_messages{0};  // not yet awaited
    bool waiting{false};          // in a Wait() step
  };

  mutable std::mutex mutex_;
  std::deque<std::unique_ptr<Exchange>> expected_;  // guarded by mutex_
  std::vector<Request> requests_;                   // guarded by mutex_
  std::vector<std::string> messages_;               // guarded by mutex_
  std::size_t unfinished_{0};                       // guarded by mutex_

  // Of the server's thread.
  std::map<ConnectionId, Running> running_;
  std::set<ConnectionId> deaf_;
  std::size_t releases_{0};

  LoopbackServer server_;
};

}  // namespace oneshot::test
