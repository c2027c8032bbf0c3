#include "core/protocol/codec.h"

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <utility>

#include "core/base/base64.h"
#include "core/base/utf8.h"

namespace oneshot::protocol {
namespace {

using Json = nlohmann::ordered_json;  // `type` stays in front, for people who read the log

using NamedReason = std::pair<Reason, std::string_view>;
constexpr std::array<NamedReason, 8> kReasons = {{
    {Reason::kExited, "exited"},
    {Reason::kSignaled, "signaled"},
    {Reason::kWallTimeExceeded, "wall_time_exceeded"},
    {Reason::kCpuTimeExceeded, "cpu_time_exceeded"},
    {Reason::kProcessLimitExceeded, "process_limit_exceeded"},
    {Reason::kOutOfMemory, "out_of_memory"},
    {Reason::kCancelled, "cancelled"},
    {Reason::kRunnerError, "runner_error"},
}};

/// A fault in a line; stays inside this file.
class Malformed : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

void PutBytes(Json& json, const std::string& key, const std::string& bytes) {
  if (base::IsValidUtf8(bytes)) {
    json[key] = bytes;
  } else {
    json[key + "_b64"] = base::Base64Encode(bytes);
  }
}

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

/// `key` as text, or else `key`_b64 as bytes, or else nothing.
std::optional<std::string> OptionalBytes(const Json& json, const std::string& key) {
  if (json.contains(key)) return Text(json, key.c_str());
  const std::string coded_key = key + "_b64";
  if (!json.contains(coded_key)) return std::nullopt;
  auto bytes = base::Base64Decode(Text(json, coded_key.c_str()));
  if (!bytes) throw Malformed(coded_key + " is not base64");
  return bytes;
}

std::string Bytes(const Json& json, const std::string& key) {
  auto bytes = OptionalBytes(json, key);
  if (!bytes) throw Malformed("missing key " + key);
  return *std::move(bytes);
}

/// A whole number in [low, high].
std::int64_t Number(const Json& json, const char* key, std::int64_t low = 0,
                    std::int64_t high = std::numeric_limits<std::int64_t>::max()) {
  const Json& value = Member(json, key);
  if (!value.is_number_integer()) throw Malformed(std::string(key) + " is not a whole number");
  const auto number = value.get<std::int64_t>();  // negative when it is too large
  if (number < low || number > high) throw Malformed(std::string(key) + " is out of range");
  return number;
}

int SmallNumber(const Json& json, const char* key, int low = 0) {
  return static_cast<int>(Number(json, key, low, std::numeric_limits<int>::max()));
}

std::optional<int> NullableNumber(const Json& json, const char* key) {
  if (Member(json, key).is_null()) return std::nullopt;
  return SmallNumber(json, key);
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
  if (Number(json, "protocol") != kVersion) throw Malformed("protocol version is not ours");
}

Json ToJson(const RunCommand& run) {
  Json json{
      {"type", "run"}, {"protocol", kVersion}, {"run_id", run.run_id}, {"attempt", run.attempt}};
  PutBytes(json, "source", run.source);
  PutBytes(json, "stdin", run.stdin_data);
  json["args"] = run.args;
  json["limits"] = {{"wall_ms", run.limits.wall_ms},
                    {"cpu_ms", run.limits.cpu_ms},
                    {"output_bytes", run.limits.output_bytes},
                    {"processes", run.limits.processes},
                    {"display_bytes", run.limits.display_bytes}};
  json["scratch_bytes"] = run.scratch_bytes;
  json["stdin_open"] = run.stdin_open;
  return json;
}

Json ToJson(const StdinCommand& command) {
  Json json{{"type", "stdin"}};
  PutBytes(json, "data", command.data);
  return json;
}

Json ToJson(const StdinEofCommand&) { return {{"type", "stdin_eof"}}; }

Json ToJson(const CancelCommand&) { return {{"type", "cancel"}}; }

Json ToJson(const Ready& ready) {
  return {{"type", "ready"},
          {"protocol", kVersion},
          {"python", ready.python},
          {"preloaded", ready.preloaded},
          {"preload_ms", ready.preload_ms}};
}

Json ToJson(const Started& started) {
  return {{"type", "started"}, {"run_id", started.run_id}, {"attempt", started.attempt}};
}

Json ToJson(const Output& output) {
  Json json{{"type", ToString(output.stream)}, {"seq", output.seq}, {"ms", output.ms}};
  PutBytes(json, "data", output.data);
  if (output.dropped_bytes > 0) json["dropped_bytes"] = output.dropped_bytes;
  return json;
}

Json ToJson(const Display& display) {
  return {{"type", "display"},
          {"seq", display.seq},
          {"ms", display.ms},
          {"mime", display.mime},
          {"part", display.part},
          {"parts", display.parts},
          {"data_b64", base::Base64Encode(display.data)}};
}

Json ToJson(const StreamTotals& totals) {
  return {{"produced_bytes", totals.produced_bytes}, {"kept_bytes", totals.kept_bytes}};
}

Json ToJson(const Finished& finished) {
  Json json{{"type", "finished"}, {"run_id", finished.run_id}, {"attempt", finished.attempt}};
  json["exit_code"] = finished.exit_code ? Json(*finished.exit_code) : Json();
  json["signal"] = finished.signal ? Json(*finished.signal) : Json();
  json["reason"] = ToString(finished.reason);
  if (!finished.message.empty()) json["message"] = finished.message;
  json["wall_ms"] = finished.wall_ms;
  json["cpu_ms"] = finished.cpu_ms;
  json["peak_memory_bytes"] = finished.peak_memory_bytes;
  json["stdout"] = ToJson(finished.stdout_totals);
  json["stderr"] = ToJson(finished.stderr_totals);
  json["records"] = finished.records;
  json["sha256"] = finished.sha256;
  return json;
}

template <typename AnyMessage>
std::string Line(const AnyMessage& any) {
  const Json json = std::visit([](const auto& message) { return ToJson(message); }, any);
  // Names and versions come from outside too: a stray byte in one must not make the record
  // unreadable.
  return json.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) + '\n';
}

RunCommand ToRun(const Json& json) {
  RequireOurVersion(json);
  RunCommand run;
  run.run_id = Text(json, "run_id");
  run.attempt = SmallNumber(json, "attempt", /*low=*/1);
  run.source = Bytes(json, "source");
  run.stdin_data = OptionalBytes(json, "stdin").value_or("");
  if (json.contains("args")) run.args = Texts(json, "args");
  if (json.contains("limits")) {
    const Json& limits = Member(json, "limits");
    if (!limits.is_object()) throw Malformed("limits is not an object");
    const auto take = [&limits](const char* key, std::int64_t& value) {
      if (limits.contains(key)) value = Number(limits, key);
    };
    take("wall_ms", run.limits.wall_ms);
    take("cpu_ms", run.limits.cpu_ms);
    take("output_bytes", run.limits.output_bytes);
    take("processes", run.limits.processes);
    take("display_bytes", run.limits.display_bytes);
  }
  if (json.contains("scratch_bytes")) run.scratch_bytes = Number(json, "scratch_bytes");
  if (json.contains("stdin_open")) {
    if (!json["stdin_open"].is_boolean()) throw Malformed("stdin_open is not a boolean");
    run.stdin_open = json["stdin_open"].get<bool>();
  }
  return run;
}

Ready ToReady(const Json& json) {
  RequireOurVersion(json);
  return {Text(json, "python"), Texts(json, "preloaded"), Number(json, "preload_ms")};
}

Output ToOutput(const Json& json, Stream stream) {
  Output output{stream, Number(json, "seq"), Number(json, "ms"), Bytes(json, "data"), 0};
  if (json.contains("dropped_bytes")) output.dropped_bytes = Number(json, "dropped_bytes");
  return output;
}

Display ToDisplay(const Json& json) {
  return {Number(json, "seq"),
          Number(json, "ms"),
          Text(json, "mime"),
          SmallNumber(json, "part"),
          SmallNumber(json, "parts", /*low=*/1),
          Bytes(json, "data")};
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
  finished.records = Number(json, "records");
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

std::string Encode(const Command& command) { return Line(command); }

std::string Encode(const Record& record) { return Line(record); }

base::Result<Command> DecodeCommand(std::string_view line) {
  return Guard<Command>(line, kMaxCommandLine,
                        [](const Json& json, const std::string& type) -> Command {
                          if (type == "run") return ToRun(json);
                          if (type == "stdin") return StdinCommand{Bytes(json, "data")};
                          if (type == "stdin_eof") return StdinEofCommand{};
                          if (type == "cancel") return CancelCommand{};
                          throw Malformed("unknown type");
                        });
}

base::Result<Record> DecodeRecord(std::string_view line) {
  return Guard<Record>(line, kMaxRecordLine,
                       [](const Json& json, const std::string& type) -> Record {
                         if (type == "ready") return ToReady(json);
                         if (type == "started")
                           return Started{Text(json, "run_id"), SmallNumber(json, "attempt")};
                         if (type == "stdout") return ToOutput(json, Stream::kStdout);
                         if (type == "stderr") return ToOutput(json, Stream::kStderr);
                         if (type == "display") return ToDisplay(json);
                         if (type == "finished") return ToFinished(json);
                         throw Malformed("unknown type");
                       });
}

std::string_view ToString(Stream stream) { return stream == Stream::kStdout ? "stdout" : "stderr"; }

std::string_view ToString(Reason reason) {
  return std::ranges::find(kReasons, reason, &NamedReason::first)->second;
}

}  // namespace oneshot::protocol
