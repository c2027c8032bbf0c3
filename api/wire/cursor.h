#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace oneshot::api::wire {

/// A place in the list of runs, as clients carry it: opaque, so that it may mean something else
/// tomorrow.
std::string EncodeCursor(const std::string& run_id);

/// The run id; nothing when the text is not one of our cursors.
std::optional<std::string> DecodeCursor(std::string_view cursor);

}  // namespace oneshot::api::wire
