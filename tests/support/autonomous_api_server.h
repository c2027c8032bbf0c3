#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/loopback_server.h"
#include "tests/support/object_table.h"

namespace oneshot::test {

/// An API server, kubelet and all, small enough to read: Jobs get a pod that starts by itself,
/// attach talks to a program given by the test, and the log is what that program wrote. For tests
/// about where things end up; what a real cluster does at its edges is for the scripted server and
/// for end-to-end tests. Threads: all methods may be called from any.
class AutonomousApiServer final : private LoopbackServer::Peer {
 public:
  /// What a container's program does with a line from its stdin.
  struct Reply {
    std::vector<std::string> lines;      // to its stdout, without newlines
    std::optional<int> exit_code{};      // and it ends
    std::chrono::milliseconds works{0};  // before what it does then
    std::function<Reply()> then{};
  };
  struct Options {
    std::chrono::milliseconds start_delay{0};  // from a Job's creation to its container running
    std::vector<std::string> first_lines;      // what a program writes when it starts
    /// On the server's thread, which holds the server: it must not call back. `pod` is the object
    /// as it is now.
    std::function<Reply(const nlohmann::json& pod, std::string_view line)> on_line;
  };

  explicit AutonomousApiServer(Options options);
  ~AutonomousApiServer() override;

  std::uint16_t Port() const { return server_.Port(); }

  // Looking in.
  std::vector<std::string> Names(const std::string& kind) const;  // jobs, pods, leases, events
  std::optional<nlohmann::json> Object(const std::string& kind, const std::string& name) const;
  std::size_t RequestCount(const std::string& method, const std::string& path_part) const;
  std::size_t AttachCount() const;  // open ones
  std::string LogOf(const std::string& pod) const;

  // Making trouble.
  /// The next `times` requests with `method` whose path contains `path_part` get `status` and have
  /// no effect.
  void Refuse(const std::string& method, const std::string& path_part, int status, int times = 1);
  /// The same, but the request takes effect and the connection is cut instead of an answer.
  void LoseAnswers(const std::string& method, const std::string& path_part, int times = 1);
  /// Ends what Refuse and LoseAnswers began.
  void EndTroubles();
  void CutWatches();
  void ExpireWatches();  // cuts them, and their versions are too old afterwards
  void CutAttaches();
  /// Merges `status` into the pod's and ends its program: how a test plays eviction, OOM and the
  /// like.
  void SetPodStatus(const std::string& pod, const nlohmann::json& status);
  /// As when a node is lost, or somebody deletes it.
  void RemovePod(const std::string& pod);
  /// Pods of Jobs created from now on stay Pending until StartPods().
  void HoldPods();
  void StartPods();

 private:
  struct Route {
    std::string kind;
    std::string name;
    std::string subresource;  // log, attach
  };
  struct Trouble {
    std::string method;
    std::string path_part;
    int status{0};  // 0: lose the answer
    int times{0};
  };
  struct WatchStream {
    std::string kind;
    std::string label_selector;
    std::uint64_t version{0};
  };
  struct Attach {
    std::string pod;
    std::string unfinished_line;
  };
  struct State {
    ObjectTable table;
    std::map<std::string, std::string> logs;  // by pod
    std::map<ConnectionId, WatchStream> watches;
    std::map<ConnectionId, Attach> attaches;
    std::vector<Trouble> troubles;
    std::map<std::string, std::size_t> requests;  // by "METHOD path"
    std::set<std::string> held_pods;
    bool hold_pods{false};
  };

  void OnRequest(ConnectionId connection, const Request& request) override;
  void OnMessage(ConnectionId connection, const Frame& frame) override;
  void OnGone(ConnectionId connection) override;

  // With mutex_ held, on the server's thread.
  const Trouble* TroubleFor(const Request& request);
  std::string Handle(ConnectionId connection, const Request& request, const Route& route);
  std::string Create(const std::string& kind, nlohmann::json object);
  std::string Change(const Request& request, const Route& route);
  std::string Delete(const Request& request, const Route& route);
  std::string StartWatch(ConnectionId connection, const Request& request, const Route& route);
  std::string StartAttach(ConnectionId connection, const Request& request, const Route& route);
  void FeedWatches();
  void MakePod(const nlohmann::json& job);
  void StartPod(const std::string& pod);
  void Print(const std::string& pod, const std::string& line);
  void Act(const std::string& pod, const Reply& reply);
  void EndPod(const std::string& pod, int exit_code);
  void EndAttaches(const std::string& pod, const std::string& status);
  bool IsRunning(const std::string& pod) const;
  /// On the server's thread, soon.
  void Do(std::function<void()> task);

  static std::optional<Route> RouteOf(const Request& request);

  const Options options_;
  mutable std::mutex mutex_;
  State state_;  // guarded by mutex_
  LoopbackServer server_;
};

}  // namespace oneshot::test
