#include "api/http/router.h"

#include <algorithm>
#include <optional>
#include <set>

namespace oneshot::api::http {
namespace {

std::vector<std::string_view> Split(std::string_view path) {
  std::vector<std::string_view> segments;
  if (path.starts_with('/')) path.remove_prefix(1);
  while (true) {
    const std::size_t slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

std::optional<std::string> DecodeSegment(std::string_view raw) {
  auto segment = DecodePercent(raw);
  if (!segment || segment->empty() || *segment == "." || *segment == "..") return std::nullopt;
  if (segment->find('/') != std::string::npos || !IsHeaderValue(*segment)) return std::nullopt;
  return segment;
}

bool IsParameter(std::string_view segment) {
  return segment.starts_with('{') && segment.ends_with('}');
}

}  // namespace

Router::Match Router::Find(std::string_view method, std::string_view target) const {
  Match match{.index = routes_.size()};
  if (!target.starts_with('/')) return match;
  std::vector<std::string> path;
  for (const std::string_view raw : Split(target)) {
    auto segment = DecodeSegment(raw);
    if (!segment) return match;
    path.push_back(*std::move(segment));
  }

  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  std::set<std::string> allowed;
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    const std::vector<std::string_view> pattern = Split(routes_[i].pattern);
    const bool fits = std::equal(pattern.begin(), pattern.end(), path.begin(), path.end(),
                                 [](const auto& expected, const auto& segment) {
                                   return IsParameter(expected) || expected == segment;
                                 });
    if (!fits) continue;
    allowed.insert(routes_[i].method);
    if (routes_[i].method != wanted || match.route) continue;
    match.route = &routes_[i];
    match.index = i;
    for (std::size_t s = 0; s < pattern.size(); ++s) {
      if (IsParameter(pattern[s]))
        match.parameters.emplace(pattern[s].substr(1, pattern[s].size() - 2), path[s]);
    }
  }
  if (allowed.empty()) return match;
  if (allowed.contains("GET")) allowed.insert("HEAD");
  allowed.insert("OPTIONS");
  for (const std::string& name : allowed) match.allow += (match.allow.empty() ? "" : ", ") + name;
  return match;
}

Response AnswerWithoutRoute(const Router::Match& match, const Request& request) {
  if (match.allow.empty())
    return ToResponse({404, "not_found", "Not found", "There is nothing at this address."},
                      request);
  Response response = request.method == "OPTIONS"
                          ? Response{.status = 204}
                          : ToResponse({405, "method_not_allowed", "Method not allowed",
                                        "Supported methods: " + match.allow + "."},
                                       request);
  response.headers["Allow"] = match.allow;
  return response;
}

}  // namespace oneshot::api::http
