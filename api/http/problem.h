#pragma once

#include <string>
#include <vector>

#include "api/http/message.h"

namespace oneshot::api::http {

/// One fault of a request: where (a JSON pointer into the body, or the name of a query parameter),
/// which, and why. `code` is stable and for programs, `detail` for people.
struct ProblemError {
  enum class Place { kBody, kQuery } place{Place::kBody};
  std::string name;
  std::string code;
  std::string detail;
};

/// What went wrong, as RFC 9457 problem details. `code` is stable; `title` is constant for a code;
/// `detail` is for people, and is the title when there is no more to say.
struct Problem {
  int status{500};
  std::string code;
  std::string title;
  std::string detail{};
  /// 0: no Retry-After.
  int retry_after_seconds{0};
  std::vector<ProblemError> errors{};
  bool has_more_errors{false};
  bool closes_connection{false};
};

Problem InternalError();
Problem ShuttingDown();

/// application/problem+json. `instance` is the path of `request`.
Response ToResponse(const Problem& problem, const Request& request);

}  // namespace oneshot::api::http
