#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/http/responder.h"

namespace oneshot::api::http {

/// Answers through the responder, now or later.
using Handler = std::function<void(const Request&, Responder)>;

/// Where a handler runs. A server thread is for what never waits, so that probes are answered under
/// full load.
enum class RunsOn { kWorker, kServerThread };

struct Route {
  std::string method;
  /// `/api/v1/runs/{id}`: a whole segment in braces is a parameter.
  std::string pattern;
  Handler handler;
  RunsOn runs_on{RunsOn::kWorker};
};

/// Finds the route of a request. HEAD takes GET's route; OPTIONS is answered for every known path.
/// Paths are decoded once, segment by segment; a path with an empty segment, `.`, `..`, a slash or
/// a control character in a segment, or malformed percent-encoding matches no route. Threads:
/// fixed after construction.
class Router {
 public:
  explicit Router(std::vector<Route> routes) : routes_(std::move(routes)) {}

  struct Match {
    /// Null when there is no such path or the method is not allowed.
    const Route* route{nullptr};
    /// The index of `route`; the number of routes when it is null.
    std::size_t index{0};
    std::map<std::string, std::string, std::less<>> parameters;
    /// The path's methods; empty when the path is unknown.
    std::string allow;
  };
  Match Find(std::string_view method, std::string_view target) const;

  const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
};

/// The answer when Find gave no route: 404, 405 with Allow, or 204 with Allow for OPTIONS.
Response AnswerWithoutRoute(const Router::Match& match, const Request& request);

}  // namespace oneshot::api::http
