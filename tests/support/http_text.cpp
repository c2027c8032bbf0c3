#include "tests/support/http_text.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>

namespace oneshot::test {
namespace {

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string Decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      decoded.push_back(
          static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16)));
      i += 2;
    } else {
      decoded.push_back(text[i]);
    }
  }
  return decoded;
}

}  // namespace

std::string Request::Path() const { return target.substr(0, target.find('?')); }

std::string Request::Query(std::string_view name) const {
  const std::size_t mark = target.find('?');
  std::string_view rest =
      mark == std::string::npos ? std::string_view() : std::string_view(target).substr(mark + 1);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    const std::size_t equals = pair.find('=');
    if (pair.substr(0, equals) == name && equals != std::string_view::npos) {
      return Decoded(pair.substr(equals + 1));
    }
  }
  return {};
}

std::string Request::Header(const std::string& lower_case_name) const {
  const auto found = headers.find(lower_case_name);
  return found == headers.end() ? std::string() : found->second;
}

std::optional<Request> TakeRequest(std::string* bytes) {
  const std::size_t head_end = bytes->find("\r\n\r\n");
  if (head_end == std::string::npos) return std::nullopt;
  Request request;
  std::size_t line_start = 0;
  while (line_start < head_end) {
    const std::size_t line_end = std::min(bytes->find("\r\n", line_start), head_end);
    const std::string line = bytes->substr(line_start, line_end - line_start);
    if (line_start == 0) {
      const std::size_t first = line.find(' ');
      const std::size_t second = line.find(' ', first + 1);
      request.method = line.substr(0, first);
      request.target = line.substr(first + 1, second - first - 1);
    } else if (const std::size_t colon = line.find(':'); colon != std::string::npos) {
      const std::size_t value = line.find_first_not_of(' ', colon + 1);
      request.headers[Lower(line.substr(0, colon))] =
          value == std::string::npos ? std::string() : line.substr(value);
    }
    line_start = line_end + 2;
  }
  const std::size_t body_start = head_end + 4;
  const std::size_t length = std::strtoul(request.Header("content-length").c_str(), nullptr, 10);
  if (bytes->size() < body_start + length) return std::nullopt;
  request.body = bytes->substr(body_start, length);
  bytes->erase(0, body_start + length);
  return request;
}

std::string Answer(int status, std::string_view body, const HeaderList& headers) {
  std::string text =
      "HTTP/1.1 " + std::to_string(status) +
      " -\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
      "\r\n";
  for (const auto& [name, value] : headers) text += name + ": " + value + "\r\n";
  return text.append("\r\n").append(body);
}

std::string ChunkedAnswerHead(int status) {
  return "HTTP/1.1 " + std::to_string(status) +
         " -\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
}

std::string Chunk(std::string_view text) {
  char size[32];
  std::snprintf(size, sizeof size, "%zx\r\n", text.size());
  return std::string(size).append(text).append("\r\n");
}

}  // namespace oneshot::test
