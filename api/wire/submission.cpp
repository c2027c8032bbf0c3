#include "api/wire/submission.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "core/base/utf8.h"

namespace oneshot::api::wire {
namespace {

using Json = nlohmann::json;

/// RFC 6901, section 3.
std::string EscapePointer(const std::string& key) {
  std::string escaped;
  for (const char c : key) escaped += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return escaped;
}

/// Keys that stand twice in one object, which the parser alone would let pass (RFC 8259, section
/// 4). Objects inside arrays are no part of the contract and need no pointer of their own.
class RepeatedKeys {
 public:
  void See(Json::parse_event_t event, const Json& value) {
    switch (event) {
      case Json::parse_event_t::object_start:
        objects_.push_back(
            {objects_.empty() ? "" : objects_.back().pointer + "/" + objects_.back().key, {}, {}});
        break;
      case Json::parse_event_t::key:
        objects_.back().key = EscapePointer(value.get<std::string>());
        if (!objects_.back().seen.insert(objects_.back().key).second) {
          pointers_.insert(objects_.back().pointer + "/" + objects_.back().key);
        }
        break;
      case Json::parse_event_t::object_end:
        objects_.pop_back();
        break;
      case Json::parse_event_t::array_start:
      case Json::parse_event_t::array_end:
      case Json::parse_event_t::value:
        break;
    }
  }
  const std::set<std::string>& pointers() const { return pointers_; }

 private:
  struct Object {
    std::string pointer;
    std::string key;
    std::set<std::string> seen;
  };
  std::vector<Object> objects_;
  std::set<std::string> pointers_;
};

/// Takes fields out of one object and notes what is wrong with them.
class Fields {
 public:
  Fields(const Json& object, std::string pointer, std::vector<domain::Fault>& faults)
      : object_(object), pointer_(std::move(pointer)), faults_(faults) {}

  /// The value; null when absent. Notes that the field is known.
  const Json* Find(const char* name) {
    known_.insert(name);
    const auto found = object_.find(name);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
  }

  void Text(const char* name, std::string& value) {
    const Json* json = Find(name);
    if (!json) return;
    if (!json->is_string()) return WrongType(name, "a string");
    value = json->get<std::string>();
  }

  void Integer(const char* name, std::int64_t& value) {
    const Json* json = Find(name);
    if (!json) return;
    if (!json->is_number()) return WrongType(name, "a whole number");
    // 256.0 is a whole number too (JSON Schema, "integer"). Beyond 2^53 every limit is exceeded
    // anyway.
    const double number = json->get<double>();
    if (number != std::floor(number)) return WrongType(name, "a whole number");
    value = static_cast<std::int64_t>(std::clamp(number, -kLargest, kLargest));
  }

  /// Seconds with a fraction, as whole milliseconds. Returns whether there was a value.
  bool Seconds(const char* name, std::int64_t& milliseconds) {
    const Json* json = Find(name);
    if (!json) return false;
    if (!json->is_number()) {
      WrongType(name, "a number");
      return false;
    }
    milliseconds = static_cast<std::int64_t>(
        std::clamp(std::round(json->get<double>() * 1000), -kLargest, kLargest));
    return true;
  }

  void WrongType(const std::string& name, const std::string& expected) {
    faults_.push_back({pointer_ + "/" + name, "wrong_type", "must be " + expected});
  }

  /// Call after the last field.
  void RefuseOthers() {
    for (const auto& [key, value] : object_.items()) {
      if (known_.contains(key)) continue;
      std::string names;
      for (const std::string& name : known_) names += (names.empty() ? "" : ", ") + name;
      faults_.push_back({pointer_ + "/" + EscapePointer(key), "unknown_field",
                         "is not known; known are " + names});
    }
  }

 private:
  static constexpr double kLargest = 9'007'199'254'740'992;  // 2^53

  const Json& object_;
  const std::string pointer_;
  std::vector<domain::Fault>& faults_;
  std::set<std::string> known_;
};

void ReadArgs(Fields& fields, std::vector<std::string>& args) {
  const Json* json = fields.Find("args");
  if (!json) return;
  if (!json->is_array()) return fields.WrongType("args", "an array of strings");
  for (std::size_t i = 0; i < json->size(); ++i) {
    if ((*json)[i].is_string()) {
      args.push_back((*json)[i].get<std::string>());
    } else {
      fields.WrongType("args/" + std::to_string(i), "a string");
    }
  }
}

void ReadLimits(Fields& submission, domain::Limits& limits, const domain::LimitPolicy& policy,
                std::vector<domain::Fault>& faults) {
  const Json* json = submission.Find("limits");
  if (!json) return;
  if (!json->is_object()) return submission.WrongType("limits", "an object");
  Fields fields(*json, "/limits", faults);
  const bool has_wall = fields.Seconds("wall_seconds", limits.wall_ms);
  const bool has_cpu = fields.Seconds("cpu_seconds", limits.cpu_ms);
  fields.Integer("memory_mib", limits.memory_mib);
  fields.Integer("output_bytes", limits.output_bytes);
  fields.RefuseOthers();
  if (has_wall && !has_cpu) {
    limits.cpu_ms = std::max(limits.cpu_ms, std::min(limits.wall_ms, policy.maxima.cpu_ms));
  }
}

}  // namespace

Submission DecodeSubmission(std::string_view body, const domain::LimitPolicy& policy) {
  Submission submission;
  RepeatedKeys repeated;
  Json json;
  try {
    json = Json::parse(body, [&](int, Json::parse_event_t event, Json& value) {
      repeated.See(event, value);
      return true;
    });
  } catch (const Json::exception& error) {
    submission.malformed = base::IsValidUtf8(body)
                               ? base::ReplaceInvalidUtf8(error.what())
                               : "The body is not UTF-8 from byte " +
                                     std::to_string(base::ValidUtf8Prefix(body)) + " on.";
    return submission;
  }
  std::vector<domain::Fault>& faults = submission.faults;
  if (!json.is_object()) {
    faults.push_back({"", "wrong_type", "must be an object"});
    return submission;
  }
  for (const std::string& pointer : repeated.pointers()) {
    faults.push_back({pointer, "duplicate_field", "must not stand there twice"});
  }

  domain::RunSpec& spec = submission.spec;
  spec.limits = policy.defaults;
  Fields fields(json, "", faults);
  if (!fields.Find("source")) faults.push_back({"/source", "required", "is required"});
  fields.Text("source", spec.source);
  fields.Text("stdin", spec.stdin_data);
  ReadArgs(fields, spec.args);
  ReadLimits(fields, spec.limits, policy, faults);
  fields.Integer("scratch_mib", spec.limits.scratch_mib);
  fields.RefuseOthers();
  for (domain::Fault& fault : domain::CheckRunSpec(spec, policy))
    faults.push_back(std::move(fault));
  return submission;
}

}  // namespace oneshot::api::wire
