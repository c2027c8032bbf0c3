#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/domain/run.h"

namespace oneshot::api::wire {

/// The event stream of a run, as text/event-stream (WHATWG HTML, section 9.2.6). Data is JSON on
/// one line, so no text can end an event.

/// The position of a record. Attempt 0 has none: a reader with `0-0` has nothing yet.
struct EventId {
  int attempt{0};
  std::int64_t seq{0};

  bool operator==(const EventId&) const = default;
};

/// `<attempt>-<seq>`.
std::string FormatEventId(const EventId& id);
/// Nothing when `text` is not an id of ours; the stream then starts at its beginning.
std::optional<EventId> ParseEventId(std::string_view text);

/// Browsers come back after two seconds.
inline constexpr std::string_view kRetry = "retry: 2000\n\n";
/// It keeps proxies from closing a quiet stream, shows us that a client has gone, and a client that
/// we have. An event with a name, because a browser's EventSource shows no comments to its page.
inline constexpr std::string_view kHeartbeat = "event: heartbeat\ndata: {}\n\n";

/// What a client is told of a run that has not ended.
struct StatusFacts {
  domain::RunStatus status{domain::RunStatus::kQueued};
  std::optional<std::int64_t> queue_position{};
  /// As in store::RunLook.
  std::optional<base::Milliseconds> starts_in{};
  int attempt{0};
  /// Why the program has not begun; may be empty.
  std::string message{};
  /// How often the run was interrupted.
  int interruptions{0};
};
std::string StatusEvent(const StatusFacts& facts);

/// A new attempt begins: what was shown so far is void.
std::string ResetEvent(int attempt);

/// One piece of a record, with its bytes already decoded to UTF-8. `ms` is the record's. Only the
/// last event of a record has its id: a client that lost the connection in between gets the whole
/// record again.
std::string OutputEvent(const domain::OutputPiece& piece, std::int64_t ms, std::string_view text,
                        const std::optional<EventId>& id);

/// Something to show, without its bytes, with the address where they are. `id` is that of its last
/// record.
std::string DisplayEvent(const std::string& run_id, const domain::Display& display, std::int64_t ms,
                         const EventId& id);

/// The last event; `run_json` is the run object without output.
std::string EndEvent(const std::string& run_json);

}  // namespace oneshot::api::wire
