/// HTTP/1.1 as text, as much of it as a test's server needs.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace oneshot::test {

struct Request {
  std::string method;
  std::string target;                          // as sent: path and query
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;

  std::string Path() const;
  /// Decoded value of a query parameter; empty when absent.
  std::string Query(std::string_view name) const;
  std::string Header(const std::string& lower_case_name) const;
};

using HeaderList = std::vector<std::pair<std::string, std::string>>;

/// Takes the first whole request off `bytes`; empty while it is incomplete.
std::optional<Request> TakeRequest(std::string* bytes);

/// A whole answer with its length.
std::string Answer(int status, std::string_view body, const HeaderList& headers = {});
/// The head of an answer whose body follows in chunks.
std::string ChunkedAnswerHead(int status = 200);
/// One chunk; empty text ends the body.
std::string Chunk(std::string_view text);

}  // namespace oneshot::test
