#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "controller/kube/credentials.h"
#include "core/base/result.h"

namespace oneshot::kube {

/// What the API server's logs call us: the program and its version.
extern const char* const kUserAgent;

struct HttpRequest {
  std::string method;
  /// Path and query, escaped.
  std::string target;
  /// JSON; of a PATCH a merge patch.
  std::string body;
  /// For the whole answer, unless it is a stream.
  std::chrono::milliseconds deadline{30'000};
  /// Set: the body of a 200 is a stream that goes here as it comes, for ever if need be; returning
  /// false ends it. Any other answer comes back whole.
  std::function<bool(std::string_view)> on_bytes;
  /// A stream that brings no byte for so long ends as kUnknownOutcome.
  std::chrono::milliseconds max_silence{};
};

struct HttpAnswer {
  int status{0};
  std::string body;
  /// Of the Retry-After header.
  int retry_after_seconds{0};
};

/// HTTP/1.1 to the API server over kept-alive connections, one request on each at a time: on HTTP/2
/// one dead TCP connection would take every stream with it (kubernetes/kubernetes#87615).
///
/// Any status is an answer; a 401 is asked once more with a token read anew. Errors: kUnavailable -
/// nothing was sent; kUnknownOutcome - sent, and no whole answer came; kCancelled - `stop` was
/// requested; kInternal - answer over its limit. Threads: all methods may run concurrently.
class HttpTransport {
 public:
  explicit HttpTransport(std::shared_ptr<Credentials> credentials);
  ~HttpTransport();
  HttpTransport(const HttpTransport&) = delete;
  HttpTransport& operator=(const HttpTransport&) = delete;

  base::Result<HttpAnswer> Send(const HttpRequest& request, std::stop_token stop);

 private:
  class Connection;
  std::unique_ptr<Connection> Take();
  void GiveBack(std::unique_ptr<Connection> connection);

  const std::shared_ptr<Credentials> credentials_;
  base::Guarded<std::vector<std::unique_ptr<Connection>>> idle_;
};

}  // namespace oneshot::kube
