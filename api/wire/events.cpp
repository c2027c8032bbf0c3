#include "api/wire/events.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "api/wire/displays.h"
#include "core/base/utf8.h"

namespace oneshot::api::wire {
namespace {

using Json = nlohmann::ordered_json;

std::string Event(std::string_view name, const std::string& data,
                  const std::optional<EventId>& id = {}) {
  std::string text = "event: " + std::string(name) + "\n";
  if (id) text += "id: " + FormatEventId(*id) + "\n";
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

std::string FormatEventId(const EventId& id) {
  return std::to_string(id.attempt) + "-" + std::to_string(id.seq);
}

std::string StatusEvent(const StatusFacts& facts) {
  const Json position = facts.queue_position ? Json(*facts.queue_position) : Json(nullptr);
  const Json starts_in = facts.starts_in ? Json(facts.starts_in->count()) : Json(nullptr);
  const Json message =
      facts.message.empty() ? Json(nullptr) : Json(base::ReplaceInvalidUtf8(facts.message));
  return Event("status", Json{{"status", domain::ToString(facts.status)},
                              {"queue_position", position},
                              {"starts_in_ms", starts_in},
                              {"attempt", facts.attempt},
                              {"message", message},
                              {"interruptions", facts.interruptions}}
                             .dump());
}

std::string ResetEvent(int attempt) { return Event("reset", Json{{"attempt", attempt}}.dump()); }

std::string OutputEvent(const domain::OutputPiece& piece, std::int64_t ms, std::string_view text,
                        const std::optional<EventId>& id) {
  Json json{{"text", text}, {"ms", ms}};
  if (piece.dropped_bytes > 0) json["dropped_bytes"] = piece.dropped_bytes;
  return Event(piece.stream == domain::Stream::kStderr ? "stderr" : "stdout", json.dump(), id);
}

std::string DisplayEvent(const std::string& run_id, const domain::Display& display, std::int64_t ms,
                         const EventId& id) {
  Json json = Json::parse(DisplayToJson(RunAddress(run_id), display));
  json["ms"] = ms;
  return Event("display", json.dump(), id);
}

std::string EndEvent(const std::string& run_json) { return Event("end", run_json); }

}  // namespace oneshot::api::wire
