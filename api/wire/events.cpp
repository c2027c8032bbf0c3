#include "api/wire/events.h"

#include <charconv>
#include <nlohmann/json.hpp>

namespace oneshot::api::wire {
namespace {

using Json = nlohmann::ordered_json;

std::string Event(std::string_view name, const std::string& data,
                  const std::optional<EventId>& id = {}) {
  std::string text = "event: " + std::string(name) + "\n";
  if (id) text += "id: " + std::to_string(id->attempt) + "-" + std::to_string(id->seq) + "\n";
  return text + "data: " + data + "\n\n";
}

template <typename Number>
bool ReadAll(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number >= 0;
}

}  // namespace

std::optional<EventId> ParseEventId(std::string_view text) {
  const std::size_t dash = text.find('-');
  EventId id;
  if (dash == std::string_view::npos || !ReadAll(text.substr(0, dash), id.attempt) ||
      !ReadAll(text.substr(dash + 1), id.seq)) {
    return std::nullopt;
  }
  return id;
}

std::string StatusEvent(domain::RunStatus status, std::optional<std::int64_t> queue_position,
                        int attempt) {
  const Json position = queue_position ? Json(*queue_position) : Json(nullptr);
  return Event(
      "status",
      Json{{"status", domain::ToString(status)}, {"queue_position", position}, {"attempt", attempt}}
          .dump());
}

std::string ResetEvent(int attempt) { return Event("reset", Json{{"attempt", attempt}}.dump()); }

std::string OutputEvent(const domain::OutputRecord& record, std::string_view text,
                        const std::optional<EventId>& id) {
  Json json{{"text", text}, {"ms", record.ms}};
  if (id && record.dropped_bytes > 0) json["dropped_bytes"] = record.dropped_bytes;
  return Event(record.stream == domain::Stream::kStderr ? "stderr" : "stdout", json.dump(), id);
}

std::string DisplayEvent(const domain::OutputRecord& record, const EventId& id) {
  const Json json{{"mime", record.mime},
                  {"part", record.part},
                  {"parts", record.parts},
                  {"ms", record.ms},
                  {"data", record.data}};
  return Event("display", json.dump(-1, ' ', false, Json::error_handler_t::replace), id);
}

std::string EndEvent(const std::string& run_json) { return Event("end", run_json); }

}  // namespace oneshot::api::wire
