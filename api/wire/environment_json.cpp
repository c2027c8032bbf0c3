#include "api/wire/environment_json.h"

#include <nlohmann/json.hpp>

namespace oneshot::api::wire {
namespace {

using Json = nlohmann::ordered_json;

Json LimitsJson(const domain::Limits& limits) {
  return {{"wall_seconds", static_cast<double>(limits.wall_ms) / 1000.0},
          {"cpu_seconds", static_cast<double>(limits.cpu_ms) / 1000.0},
          {"memory_mib", limits.memory_mib},
          {"output_bytes", limits.output_bytes},
          {"scratch_mib", limits.scratch_mib}};
}

}  // namespace

base::Result<std::string> EnvironmentToJson(std::string_view facts, const std::string& image,
                                            const domain::LimitPolicy& policy) {
  Json json = Json::parse(facts, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) {
    return base::Error{base::ErrorCode::kInvalidArgument,
                       "the environment's facts are not a JSON object"};
  }
  if (!json.contains("image") || json["image"].is_null()) {
    json["image"] = image.empty() ? Json(nullptr) : Json(image);
  }
  json["limits"] = {{"defaults", LimitsJson(policy.defaults)},
                    {"maxima", LimitsJson(policy.maxima)},
                    {"source_bytes", policy.source_bytes},
                    {"stdin_bytes", policy.stdin_bytes},
                    {"args", policy.args},
                    {"args_bytes", policy.args_bytes},
                    {"processes", policy.processes},
                    {"display_bytes", policy.display_bytes}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace oneshot::api::wire
