#pragma once

#include <charconv>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "api/http/message.h"
#include "api/http/problem.h"

namespace oneshot::api {

/// Reads a request's query parameters and collects their errors.
class Query {
 public:
  explicit Query(const http::Request& request) {
    auto parameters = http::ParseQuery(request.query);
    if (!parameters) {
      Refuse("query", "malformed", "is not valid percent-encoding");
      return;
    }
    for (auto& [name, value] : *parameters) {
      if (!values_.emplace(name, value).second)
        Refuse(name, "duplicate_parameter", "must appear only once");
    }
  }

  bool Has(const std::string& name) const { return values_.contains(name); }

  std::optional<std::string> Text(const std::string& name) {
    known_.insert(name);
    const auto found = values_.find(name);
    return found == values_.end() ? std::nullopt : std::optional(found->second);
  }

  double Number(const std::string& name, double fallback, double minimum, double maximum) {
    const auto text = Text(name);
    if (!text) return fallback;
    double value = 0;
    const char* const end = text->data() + text->size();
    const auto [rest, error] = std::from_chars(text->data(), end, value, std::chars_format::fixed);
    if (error != std::errc() || rest != end || !(value >= minimum && value <= maximum)) {
      Refuse(name, "out_of_range",
             "must be a number between " + std::to_string(static_cast<int>(minimum)) + " and " +
                 std::to_string(static_cast<int>(maximum)));
      return fallback;
    }
    return value;
  }

  void Refuse(const std::string& name, const std::string& code, const std::string& detail) {
    errors_.push_back({http::ProblemError::Place::kQuery, name, code, detail});
  }

  /// Call after the last read. What was not read is an error too.
  std::vector<http::ProblemError> Finish() {
    for (const auto& [name, value] : values_) {
      if (!known_.contains(name)) Refuse(name, "unknown_parameter", "is not a known parameter");
    }
    return std::move(errors_);
  }

 private:
  std::map<std::string, std::string> values_;
  std::set<std::string> known_;
  std::vector<http::ProblemError> errors_;
};

}  // namespace oneshot::api
