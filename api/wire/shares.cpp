#include "api/wire/shares.h"

#include <nlohmann/json.hpp>

#include "api/wire/objects.h"

namespace oneshot::api::wire {
namespace {

using Json = nlohmann::ordered_json;

Json FactsJson(const ShareFacts& share) {
  const std::string self = ShareAddress(share.id);
  // A browser sends a fragment to no server: the page's address is in no log and no Referer.
  return {
      {"id", share.id},
      {"created_at", FormatTime(share.created_at)},
      {"expires_at", FormatTime(share.expires_at)},
      {"links",
       {{"self", self}, {"page", "/#share=" + share.id}, {"embed", "/embed#share=" + share.id}}}};
}

}  // namespace

ShareRequest DecodeShareRequest(std::string_view body) {
  if (body.size() > kMaxShareRequest) {
    return {.faults = {{"", "too_large",
                        "has " + std::to_string(body.size()) + " bytes; the limit is " +
                            std::to_string(kMaxShareRequest)}}};
  }
  if (body.find('\0') != std::string_view::npos) return {.malformed = "The body has a NUL."};
  ShareRequest request;
  int times = 0;
  const auto note = [&](const std::string& pointer, const char* code, const char* detail) {
    request.faults.push_back({pointer, code, detail});
  };
  const auto see = [&](int depth, Json::parse_event_t event, Json& value) {
    if (depth != 1 || event != Json::parse_event_t::key) return true;
    if (value != "run_id")
      note("", "unknown_field", "must have run_id and nothing else");
    else if (++times == 2)
      note("/run_id", "duplicate_field", "must appear only once");
    return true;
  };
  const Json json = Json::parse(body, see, /*allow_exceptions=*/false);
  if (json.is_discarded()) return {.malformed = "The body is not JSON."};
  if (!json.is_object())
    note("", "wrong_type", "must be an object");
  else if (times == 0 || json["run_id"].is_null())
    note("/run_id", "required", "is required");
  else if (!json["run_id"].is_string())
    note("/run_id", "wrong_type", "must be a string");
  else
    request.run_id = json["run_id"].get<std::string>();
  return request;
}

std::string ShareAddress(const std::string& id) { return "/api/v1/shares/" + id; }

std::string NewShareToJson(const ShareFacts& share, const std::string& run_id,
                           const std::string& revoke_token) {
  Json json = FactsJson(share);
  json["run_id"] = run_id;
  json["revoke_token"] = revoke_token;
  return json.dump();
}

std::string ShareToJson(const ShareFacts& share, const std::string& run_json) {
  std::string json = FactsJson(share).dump();
  json.back() = ',';
  return json + "\"run\":" + run_json + "}";
}

}  // namespace oneshot::api::wire
