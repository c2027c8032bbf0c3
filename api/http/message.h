#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oneshot::api::http {

/// Header names compare without regard to case (RFC 9110, section 5.1).
struct NameLess {
  bool operator()(std::string_view left, std::string_view right) const;
};
using Headers = std::map<std::string, std::string, NameLess>;

/// A request, read completely. Plain values: nothing here knows a server library.
struct Request {
  /// Upper case.
  std::string method;
  /// Path as it came, percent-encoded, without the query.
  std::string target;
  /// As it came, without the question mark.
  std::string query;
  Headers headers;
  std::string body;
  /// For X-Request-Id, log lines and problem details.
  std::string id;
  /// Of the route, decoded.
  std::map<std::string, std::string, std::less<>> parameters;

  /// Empty when absent.
  std::string Header(std::string_view name) const;
  std::string Parameter(std::string_view name) const;
};

/// Answers of this size are always sent. Larger ones are held for their clients, of which some read
/// slowly, only while there is room (ListenerOptions::max_held_bytes).
inline constexpr std::size_t kSmallBody = 65'536;

struct Response {
  int status{200};
  Headers headers{};
  std::string body{};
  /// Sent instead when there is no room for `body`. Empty: the client is asked to come back.
  std::string small_body{};
  bool closes_connection{false};
};

/// Name and value, in order. A name may come several times; a name without `=` has an empty value.
using QueryParameters = std::vector<std::pair<std::string, std::string>>;

/// Decodes `query`; nothing when a percent sign is not followed by two hexadecimal digits. `+` is a
/// space.
std::optional<QueryParameters> ParseQuery(std::string_view query);

/// Undoes percent-encoding once; nothing when it is malformed.
std::optional<std::string> DecodePercent(std::string_view text);

/// True when `value` may appear in a header line: it has no control characters, so none that would
/// end the line.
bool IsHeaderValue(std::string_view value);

}  // namespace oneshot::api::http
