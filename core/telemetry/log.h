#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace oneshot::telemetry {

/// kInfo: the state of a run or of this program changed. kDebug: everything routine.
enum class Level { kDebug, kInfo, kWarning, kError };

/// As in the configuration and in log lines: debug, info, warning, error.
std::string LevelName(Level level);
std::optional<Level> ParseLevel(std::string_view name);

/// One fact of an event. Same fact, same name everywhere: run_id, attempt, job, pod, error, ms.
/// Never a program's source, its output, or a token. Holds a view: build it in the call of Log.
struct Field {
  Field(std::string_view what, const std::convertible_to<std::string_view> auto& text)
      : name(what), value(std::string_view(text)) {}
  Field(std::string_view what, bool fact) : name(what), value(fact) {}
  Field(std::string_view what, double number) : name(what), value(number) {}
  Field(std::string_view what, std::integral auto number)
      : name(what), value(static_cast<std::int64_t>(number)) {}

  std::string_view name;
  std::variant<std::string_view, std::int64_t, double, bool> value;
};

/// Events below `level` are dropped from now on; kInfo at first. Threads: any.
void SetLogLevel(Level level);

/// Writes one line of JSON to stderr: time (UTC), level, message, then the fields in order.
/// `message` is constant, so that equal events can be counted; what varies is in the fields.
/// Invalid UTF-8 becomes U+FFFD. Threads: any; lines never mix.
void Log(Level level, std::string_view message, std::initializer_list<Field> fields = {});

}  // namespace oneshot::telemetry
