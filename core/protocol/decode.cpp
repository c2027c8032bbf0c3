#include <algorithm>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "core/base/base64.h"
#include "core/protocol/codec.h"
#include "core/protocol/spelling.h"

namespace oneshot::protocol {
namespace {

using Json = nlohmann::ordered_json;  // as in encode.cpp, so that the runner carries one kind

constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();

/// Durations stay far below what nanoseconds in 64 bits can hold.
constexpr std::int64_t kLongestMs = 366LL * 24 * 3600 * 1000;

/// A fault in a line; stays inside this file.
class Malformed : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

const Json& Member(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end()) throw Malformed(std::string("missing key ") + key);
  return *found;
}

std::string Text(const Json& json, const char* key) {
  const Json& value = Member(json, key);
  if (!value.is_string()) throw Malformed(std::string(key) + " is not a string");
  return value.get<std::string>();
}

bool Truth(const Json& json, const char* key) {
  const Json& value = Member(json, key);
  if (!value.is_boolean()) throw Malformed(std::string(key) + " is not a boolean");
  return value.get<bool>();
}

/// `name` is for the message.
std::string Decoded(const std::string& base64, const std::string& name) {
  auto bytes = base::Base64Decode(base64);
  if (!bytes) throw Malformed(name + " is not base64");
  return *std::move(bytes);
}

/// `key` as text, or else `key`_b64 as bytes, or else nothing.
std::optional<std::string> OptionalBytes(const Json& json, const std::string& key) {
  if (json.contains(key)) return Text(json, key.c_str());
  const std::string coded_key = key + "_b64";
  if (!json.contains(coded_key)) return std::nullopt;
  return Decoded(Text(json, coded_key.c_str()), coded_key);
}

std::string Bytes(const Json& json, const std::string& key) {
  auto bytes = OptionalBytes(json, key);
  if (!bytes) throw Malformed("missing key " + key);
  return *std::move(bytes);
}

/// `value`, a whole number in [low, high]; `name` is for the message.
std::int64_t WholeNumber(const Json& value, const char* name, std::int64_t low = 0,
                         std::int64_t high = kLargest) {
  if (!value.is_number_integer()) throw Malformed(std::string(name) + " is not a whole number");
  const auto number = value.get<std::int64_t>();  // negative when it is too large
  if (number < low || number > high) throw Malformed(std::string(name) + " is out of range");
  return number;
}

std::int64_t Number(const Json& json, const char* key, std::int64_t low = 0,
                    std::int64_t high = kLargest) {
  return WholeNumber(Member(json, key), key, low, high);
}

int SmallNumber(const Json& json, const char* key, int low = 0) {
  return static_cast<int>(Number(json, key, low, std::numeric_limits<int>::max()));
}

std::optional<int> NullableNumber(const Json& json, const char* key) {
  if (Member(json, key).is_null()) return std::nullopt;
  return SmallNumber(json, key);
}

/// Leaves `value` as it is when the key is missing.
void TakeNumber(const Json& json, const char* key, std::int64_t& value,
                std::int64_t high = kLargest) {
  if (json.contains(key)) value = Number(json, key, /*low=*/0, high);
}

std::vector<std::string> Texts(const Json& json, const char* key) {
  const Json& values = Member(json, key);
  if (!values.is_array()) throw Malformed(std::string(key) + " is not a list");
  std::vector<std::string> texts;
  for (const Json& value : values) {
    if (!value.is_string())
      throw Malformed(std::string(key) + " holds something else than strings");
    texts.push_back(value.get<std::string>());
  }
  return texts;
}

void RequireOurVersion(const Json& json) {
  const std::int64_t version = Number(json, "protocol");
  if (version == kVersion) return;
  throw Malformed("protocol " + std::to_string(version) + " is not supported, only protocol " +
                  std::to_string(kVersion));
}

RunCommand ToRun(const Json& json) {
  RequireOurVersion(json);
  RunCommand run;
  run.run_id = Text(json, "run_id");
  run.attempt = SmallNumber(json, "attempt", /*low=*/1);
  run.source = Bytes(json, "source");
  run.stdin_data = OptionalBytes(json, "stdin").value_or("");
  if (json.contains("args")) run.args = Texts(json, "args");
  TakeNumber(json, "file_bytes", run.file_bytes);
  if (json.contains("limits")) {
    const Json& limits = Member(json, "limits");
    if (!limits.is_object()) throw Malformed("limits is not an object");
    TakeNumber(limits, "wall_ms", run.limits.wall_ms, kLongestMs);
    TakeNumber(limits, "cpu_ms", run.limits.cpu_ms, kLongestMs);
    TakeNumber(limits, "output_bytes", run.limits.output_bytes);
    TakeNumber(limits, "processes", run.limits.processes);
    TakeNumber(limits, "display_bytes", run.limits.display_bytes);
    TakeNumber(limits, "output_file_bytes", run.limits.output_file_bytes);
  }
  TakeNumber(json, "scratch_bytes", run.scratch_bytes);
  if (json.contains("outputs")) run.outputs = Texts(json, "outputs");
  if (json.contains("display_scale")) {
    if (!json["display_scale"].is_number()) throw Malformed("display_scale is not a number");
    run.display_scale = json["display_scale"].get<double>();
  }
  TakeNumber(json, "stdin_idle_ms", run.stdin_idle_ms, kLongestMs);
  TakeNumber(json, "result_hold_ms", run.result_hold_ms, kLongestMs);
  if (json.contains("stdin_open")) run.stdin_open = Truth(json, "stdin_open");
  return run;
}

FileCommand ToFile(const Json& json) {
  return {Text(json, "path"), Number(json, "offset"), Bytes(json, "data")};
}

StdinCommand ToStdin(const Json& json) { return {Number(json, "seq"), Bytes(json, "data")}; }

Sandbox ToSandbox(const Json& json) {
  constexpr std::int64_t kHighestLandlock = 1'000;
  return {.landlock = static_cast<int>(Number(json, "landlock", /*low=*/0, kHighestLandlock)),
          .seccomp = Truth(json, "seccomp"),
          .user_namespace = Truth(json, "user_namespace")};
}

Ready ToReady(const Json& json) {
  RequireOurVersion(json);
  Ready ready{Text(json, "python"), Texts(json, "preloaded"), Number(json, "preload_ms")};
  if (json.contains("snapshot")) ready.snapshot = Text(json, "snapshot");
  if (json.contains("sandbox")) ready.sandbox = ToSandbox(json["sandbox"]);
  return ready;
}

Piece ToPiece(const Json& json) {
  if (!json.is_array() || json.size() < 2 || json.size() > 3 || !json[0].is_string() ||
      !json[1].is_string()) {
    throw Malformed("a piece is not a list of stream, data and dropped bytes");
  }
  const auto& letters = json[0].get_ref<const std::string&>();
  const auto& data = json[1].get_ref<const std::string&>();
  Piece piece;
  if (json.size() == 3) piece.dropped_bytes = WholeNumber(json[2], "dropped bytes");
  for (const StreamLetters& known : kStreamLetters) {
    piece.stream = known.stream;
    if (letters == known.text) {
      piece.data = data;
      return piece;
    }
    if (letters == known.base64) {
      piece.data = Decoded(data, "a piece");
      return piece;
    }
  }
  throw Malformed("unknown stream");
}

Output ToOutput(const Json& json) {
  Output output{Number(json, "seq"), Number(json, "ms"), {}};
  const Json& pieces = Member(json, "pieces");
  if (!pieces.is_array()) throw Malformed("pieces is not a list");
  for (const Json& piece : pieces) output.pieces.push_back(ToPiece(piece));
  return output;
}

Display ToDisplay(const Json& json) {
  Display display;
  display.seq = Number(json, "seq");
  display.ms = Number(json, "ms");
  display.part = SmallNumber(json, "part");
  display.parts = SmallNumber(json, "parts", /*low=*/1);
  display.data = Bytes(json, "data");
  if (display.part >= display.parts) throw Malformed("part is out of range");
  if (display.part + 1 < display.parts) return display;
  display.number = SmallNumber(json, "number");
  display.mime = Text(json, "mime");
  display.width = SmallNumber(json, "width");
  display.height = SmallNumber(json, "height");
  display.alt = Text(json, "alt");
  display.bytes = Number(json, "bytes");
  return display;
}

StreamTotals ToTotals(const Json& json, const char* key) {
  const Json& totals = Member(json, key);
  if (!totals.is_object()) throw Malformed(std::string(key) + " is not an object");
  return {Number(totals, "produced_bytes"), Number(totals, "kept_bytes")};
}

Reason ToReason(const std::string& text) {
  const auto found = std::ranges::find(kReasons, text, &NamedReason::second);
  if (found == kReasons.end()) throw Malformed("unknown reason");
  return found->first;
}

Finished ToFinished(const Json& json) {
  Finished finished;
  finished.run_id = Text(json, "run_id");
  finished.attempt = SmallNumber(json, "attempt");
  finished.exit_code = NullableNumber(json, "exit_code");
  finished.signal = NullableNumber(json, "signal");
  finished.reason = ToReason(Text(json, "reason"));
  if (json.contains("message")) finished.message = Text(json, "message");
  finished.wall_ms = Number(json, "wall_ms");
  finished.cpu_ms = Number(json, "cpu_ms");
  finished.peak_memory_bytes = Number(json, "peak_memory_bytes");
  finished.stdout_totals = ToTotals(json, "stdout");
  finished.stderr_totals = ToTotals(json, "stderr");
  if (json.contains("dropped_displays"))
    finished.dropped_displays = SmallNumber(json, "dropped_displays");
  if (json.contains("dropped_output_files"))
    finished.dropped_output_files = SmallNumber(json, "dropped_output_files");
  finished.seq = Number(json, "seq");
  finished.sha256 = Text(json, "sha256");
  return finished;
}

base::Error Invalid(std::string message) {
  return {base::ErrorCode::kInvalidArgument, std::move(message)};
}

/// Runs `decode` and turns what it throws into an error: the adapter's edge.
template <typename Message, typename Decode>
base::Result<Message> Guard(std::string_view line, std::size_t longest, Decode decode) {
  if (line.size() >= longest) return Invalid("line is too long");
  try {
    const Json json = Json::parse(line);
    if (!json.is_object()) return Invalid("not an object");
    return Message(decode(json, Text(json, "type")));
  } catch (const Malformed& fault) {
    return Invalid(fault.what());
  } catch (const nlohmann::json::exception&) {
    return Invalid("not valid JSON");  // the library's own text quotes the line
  }
}

}  // namespace

base::Result<Command> DecodeCommand(std::string_view line) {
  return Guard<Command>(line, kMaxCommandLine,
                        [](const Json& json, const std::string& type) -> Command {
                          if (type == "run") return ToRun(json);
                          if (type == "file") return ToFile(json);
                          if (type == "stdin") return ToStdin(json);
                          if (type == "stdin_eof") return StdinEofCommand{Number(json, "seq")};
                          if (type == "cancel") return CancelCommand{};
                          if (type == "ack") return AckCommand{Number(json, "seq")};
                          if (type == "resume") return ResumeCommand{Number(json, "seq")};
                          throw Malformed("unknown type");
                        });
}

base::Result<Record> DecodeRecord(std::string_view line) {
  return Guard<Record>(
      line, kMaxRecordLine, [](const Json& json, const std::string& type) -> Record {
        if (type == "ready") return ToReady(json);
        if (type == "started") return Started{Text(json, "run_id"), SmallNumber(json, "attempt")};
        if (type == "resumed") {
          return Resumed{Text(json, "run_id"), SmallNumber(json, "attempt"), Number(json, "seq")};
        }
        if (type == "stdin_ack") return StdinAck{Number(json, "seq")};
        if (type == "output") return ToOutput(json);
        if (type == "display") return ToDisplay(json);
        if (type == "finished") return ToFinished(json);
        throw Malformed("unknown type");
      });
}

}  // namespace oneshot::protocol
