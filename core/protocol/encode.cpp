#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <variant>

#include "core/base/base64.h"
#include "core/base/utf8.h"
#include "core/protocol/codec.h"
#include "core/protocol/spelling.h"

namespace oneshot::protocol {
namespace {

using Json = nlohmann::ordered_json;  // `type` stays in front, for people who read the log

void PutBytes(Json& json, const std::string& key, const std::string& bytes) {
  if (base::IsValidUtf8(bytes)) {
    json[key] = bytes;
  } else {
    json[key + "_b64"] = base::Base64Encode(bytes);
  }
}

Json ToJson(const FileCommand& file) {
  return {{"type", "file"},
          {"path", file.path},
          {"offset", file.offset},
          {"data_b64", base::Base64Encode(file.data)}};
}

Json ToJson(const RunCommand& run) {
  Json json{
      {"type", "run"}, {"protocol", kVersion}, {"run_id", run.run_id}, {"attempt", run.attempt}};
  PutBytes(json, "source", run.source);
  PutBytes(json, "stdin", run.stdin_data);
  json["args"] = run.args;
  if (run.file_bytes > 0) json["file_bytes"] = run.file_bytes;
  json["limits"] = {{"wall_ms", run.limits.wall_ms},
                    {"cpu_ms", run.limits.cpu_ms},
                    {"output_bytes", run.limits.output_bytes},
                    {"processes", run.limits.processes},
                    {"display_bytes", run.limits.display_bytes},
                    {"output_file_bytes", run.limits.output_file_bytes}};
  json["scratch_bytes"] = run.scratch_bytes;
  if (!run.outputs.empty()) json["outputs"] = run.outputs;
  if (run.display_scale > 0) json["display_scale"] = run.display_scale;
  json["stdin_open"] = run.stdin_open;
  if (run.stdin_open) json["stdin_idle_ms"] = run.stdin_idle_ms;
  json["result_hold_ms"] = run.result_hold_ms;
  return json;
}

Json ToJson(const StdinCommand& command) {
  Json json{{"type", "stdin"}, {"seq", command.seq}};
  PutBytes(json, "data", command.data);
  return json;
}

Json ToJson(const StdinEofCommand& command) {
  return {{"type", "stdin_eof"}, {"seq", command.seq}};
}

Json ToJson(const CancelCommand&) { return {{"type", "cancel"}}; }

Json ToJson(const AckCommand& command) { return {{"type", "ack"}, {"seq", command.seq}}; }

Json ToJson(const ResumeCommand& command) { return {{"type", "resume"}, {"seq", command.seq}}; }

Json ToJson(const Ready& ready) {
  Json json{{"type", "ready"},
            {"protocol", kVersion},
            {"python", ready.python},
            {"preloaded", ready.preloaded},
            {"preload_ms", ready.preload_ms}};
  if (!ready.snapshot.empty()) json["snapshot"] = ready.snapshot;
  if (const auto& sandbox = ready.sandbox) {
    json["sandbox"] = {{"landlock", sandbox->landlock},
                       {"seccomp", sandbox->seccomp},
                       {"user_namespace", sandbox->user_namespace}};
  }
  return json;
}

Json ToJson(const Started& started) {
  return {{"type", "started"}, {"run_id", started.run_id}, {"attempt", started.attempt}};
}

Json ToJson(const Resumed& resumed) {
  return {{"type", "resumed"},
          {"run_id", resumed.run_id},
          {"attempt", resumed.attempt},
          {"seq", resumed.seq}};
}

Json ToJson(const StdinAck& ack) { return {{"type", "stdin_ack"}, {"seq", ack.seq}}; }

Json ToJson(const Piece& piece) {
  const auto& letters = *std::ranges::find(kStreamLetters, piece.stream, &StreamLetters::stream);
  const bool is_text = base::IsValidUtf8(piece.data);
  Json json = Json::array();
  json.push_back(is_text ? letters.text : letters.base64);
  json.push_back(is_text ? piece.data : base::Base64Encode(piece.data));
  if (piece.dropped_bytes > 0) json.push_back(piece.dropped_bytes);
  return json;
}

Json ToJson(const Output& output) {
  Json json{{"type", "output"}, {"seq", output.seq}, {"ms", output.ms}};
  Json& pieces = json["pieces"] = Json::array();
  for (const Piece& piece : output.pieces) pieces.push_back(ToJson(piece));
  return json;
}

Json ToJson(const Display& display) {
  Json json{{"type", "display"},
            {"seq", display.seq},
            {"ms", display.ms},
            {"part", display.part},
            {"parts", display.parts}};
  if (display.part + 1 == display.parts) {
    json["number"] = display.number;
    json["mime"] = display.mime;
    json["width"] = display.width;
    json["height"] = display.height;
    json["alt"] = display.alt;
    json["bytes"] = display.bytes;
  }
  json["data_b64"] = base::Base64Encode(display.data);
  return json;
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
  if (finished.dropped_displays > 0) json["dropped_displays"] = finished.dropped_displays;
  if (finished.dropped_output_files > 0)
    json["dropped_output_files"] = finished.dropped_output_files;
  json["seq"] = finished.seq;
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

}  // namespace

std::string Encode(const Command& command) { return Line(command); }

std::string Encode(const Record& record) { return Line(record); }

std::string_view ToString(Reason reason) {
  return std::ranges::find(kReasons, reason, &NamedReason::first)->second;
}

}  // namespace oneshot::protocol
