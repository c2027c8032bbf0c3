#include "api/wire/objects.h"

#include <algorithm>
#include <ctime>
#include <nlohmann/json.hpp>

#include "api/wire/displays.h"
#include "core/base/base64.h"
#include "core/base/utf8.h"
#include "core/domain/run_id.h"

namespace oneshot::api::wire {
namespace {

using Json = nlohmann::ordered_json;

// With it a cursor has 27 bytes, so base64 needs no padding, and the characters of an id give
// neither '+' nor '/'.
constexpr char kBeforeRun = 'b';

template <typename T>
Json OrNull(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json TextOrNull(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(base::ReplaceInvalidUtf8(text));
}

Json TimeOrNull(const std::optional<base::WallTime>& time) {
  return time ? Json(FormatTime(*time)) : Json(nullptr);
}

/// Null while one end is unknown; never negative, although the two may come from two machines'
/// clocks.
Json Between(const std::optional<base::WallTime>& start, const std::optional<base::WallTime>& end) {
  if (!start || !end) return nullptr;
  return std::max<std::int64_t>(
      0, std::chrono::duration_cast<base::Milliseconds>(*end - *start).count());
}

/// 1.5 stays 1.5 and 10 is not 10.0.
Json Seconds(std::int64_t milliseconds) {
  if (milliseconds % 1000 == 0) return milliseconds / 1000;
  return static_cast<double>(milliseconds) / 1000.0;
}

Json LimitsJson(const domain::Limits& limits) {
  return {{"wall_seconds", Seconds(limits.wall_ms)},
          {"cpu_seconds", Seconds(limits.cpu_ms)},
          {"memory_mib", limits.memory_mib},
          {"output_bytes", limits.output_bytes},
          {"scratch_mib", limits.scratch_mib}};
}

/// As a submission asks for it.
Json DisplayJson(double scale) {
  if (scale == 0 || scale == 1) return scale == 1;
  return scale;
}

Json FilesJson(const std::vector<domain::FileInfo>& files) {
  Json json = Json::array();
  for (const domain::FileInfo& file : files)
    json.push_back({{"path", file.path}, {"bytes", file.bytes}});
  return json;
}

/// As a submission gives it: text where it is text.
Json FileJson(const domain::File& file) {
  if (base::IsValidUtf8(file.content)) return {{"path", file.path}, {"content", file.content}};
  return {{"path", file.path}, {"content_b64", base::Base64Encode(file.content)}};
}

Json SandboxJson(const std::optional<domain::Sandbox>& sandbox) {
  if (!sandbox) return nullptr;
  return {{"landlock", sandbox->landlock},
          {"seccomp", sandbox->seccomp},
          {"user_namespace", sandbox->user_namespace}};
}

Json JobJson(const std::optional<domain::JobRef>& job, const std::string& job_namespace) {
  if (!job) return nullptr;
  return {{"namespace", job_namespace},          {"name", job->name},
          {"pod", TextOrNull(job->pod)},         {"node", TextOrNull(job->node)},
          {"image", TextOrNull(job->image)},     {"snapshot", TextOrNull(job->snapshot)},
          {"sandbox", SandboxJson(job->sandbox)}};
}

Json InterruptionsJson(const std::vector<domain::Interruption>& interruptions, bool with_nodes) {
  Json json = Json::array();
  for (const domain::Interruption& interruption : interruptions) {
    json.push_back({{"attempt", interruption.attempt},
                    {"reason", interruption.reason},
                    {"message", TextOrNull(interruption.message)},
                    {"node", TextOrNull(with_nodes ? interruption.node : "")},
                    {"at", FormatTime(interruption.at)}});
  }
  return json;
}

void AddOutput(Json& json, const SeparateOutput& output) {
  json["stdout"] = base::ReplaceInvalidUtf8(output.stdout_head.bytes);
  json["stderr"] = base::ReplaceInvalidUtf8(output.stderr_head.bytes);
  json["stdout_cut"] = output.stdout_head.is_cut;
  json["stderr_cut"] = output.stderr_head.is_cut;
}

void AddOutput(Json& json, const MergedOutput& output, const std::string& address) {
  Json pieces = Json::array();
  for (const MergedOutput::Piece& piece : output.pieces) {
    if (piece.display) {
      pieces.push_back(
          {{"display", Json::parse(DisplayToJson(address, *piece.display))}, {"ms", piece.ms}});
      continue;
    }
    Json entry{{"stream", piece.stream == domain::Stream::kStdout ? "stdout" : "stderr"},
               {"text", piece.text},
               {"ms", piece.ms}};
    if (piece.dropped_bytes > 0) entry["dropped_bytes"] = piece.dropped_bytes;
    pieces.push_back(std::move(entry));
  }
  json["merged"] = std::move(pieces);
  json["merged_cut"] = output.is_cut;
  json["next_after"] = FormatEventId(output.next_after);
  json["reset"] = output.is_reset;
}

Json ToJson(const RunView& view, const std::string& job_namespace) {
  const domain::Run& run = view.run;
  // Nothing is known of how a run ends before it has.
  const domain::Outcome outcome = run.outcome.value_or(domain::Outcome{});
  const auto count = [&run](std::int64_t bytes) { return run.outcome ? Json(bytes) : Json(); };
  const bool is_share = !view.share_address.empty();
  const std::string self = is_share ? view.share_address : RunAddress(run.id);

  Json json;
  json["id"] = run.id;
  json["status"] = domain::ToString(run.status);
  json["exit_code"] = OrNull(outcome.exit_code);
  json["signal"] = OrNull(outcome.signal);
  json["reason"] = TextOrNull(outcome.reason);
  json["message"] = TextOrNull(run.outcome ? outcome.message : run.message);
  if (const auto* const separate = std::get_if<SeparateOutput>(&view.output)) {
    AddOutput(json, *separate);
  } else if (const auto* const merged = std::get_if<MergedOutput>(&view.output)) {
    AddOutput(json, *merged, self);
  }
  json["truncated"] = outcome.stdout_bytes.dropped > 0 || outcome.stderr_bytes.dropped > 0 ||
                      outcome.output_incomplete;
  json["output"] = {{"stdout_bytes", count(outcome.stdout_bytes.produced)},
                    {"stderr_bytes", count(outcome.stderr_bytes.produced)},
                    {"stdout_dropped_bytes", count(outcome.stdout_bytes.dropped)},
                    {"stderr_dropped_bytes", count(outcome.stderr_bytes.dropped)}};
  json["displays"] = Json::array();
  json["output_files"] = Json::array();
  for (const domain::Display& display : run.displays) {
    if (domain::IsOutputFile(display)) {
      json["output_files"].push_back(Json::parse(OutputFileToJson(self, display)));
    } else {
      json["displays"].push_back(Json::parse(DisplayToJson(self, display)));
    }
  }
  json["dropped_displays"] = count(outcome.dropped_displays);
  json["dropped_output_files"] = count(outcome.dropped_output_files);
  json["timings"] = {{"queued_ms", Between(run.created_at, run.claimed_at)},
                     {"startup_ms", Between(run.claimed_at, run.started_at)},
                     {"wall_ms", OrNull(outcome.wall_ms)},
                     {"cpu_ms", OrNull(outcome.cpu_ms)}};
  json["peak_memory_bytes"] = OrNull(outcome.peak_memory_bytes);
  json["attempt"] = run.attempt;
  json["interruptions"] = InterruptionsJson(run.interruptions, /*with_nodes=*/!is_share);
  json["job"] = is_share ? Json(nullptr) : JobJson(run.job, job_namespace);
  json["created_at"] = FormatTime(run.created_at);
  json["started_at"] = TimeOrNull(run.started_at);
  json["finished_at"] = TimeOrNull(run.finished_at);
  json["queue_position"] = OrNull(view.queue_position);
  json["starts_in_ms"] = view.starts_in ? Json(view.starts_in->count()) : Json(nullptr);
  json["limits"] = LimitsJson(run.spec.limits);
  json["files"] = FilesJson(run.files);
  json["stdin_open"] = run.spec.stdin_open && !run.stdin_ended && !run.outcome;
  json["links"] = {{"self", self},
                   {"events", is_share ? Json(nullptr) : Json(self + "/events")},
                   {"stdout", self + "/stdout"},
                   {"stderr", self + "/stderr"},
                   {"submission", self + "/submission"}};
  return json;
}

}  // namespace

std::string FormatTime(base::WallTime time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(time - whole).count();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(whole);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S.", &parts);
  const std::string fraction = std::to_string(1000 + milliseconds).substr(1);
  return std::string(text, length) + fraction + "Z";
}

std::string RunToJson(const RunView& view, const std::string& job_namespace) {
  return ToJson(view, job_namespace).dump();
}

std::string RunsToJson(const std::vector<domain::Run>& runs, const std::string& job_namespace,
                       const std::optional<std::string>& next_cursor) {
  Json json{{"runs", Json::array()}, {"next_cursor", OrNull(next_cursor)}};
  for (const domain::Run& run : runs) {
    json["runs"].push_back(ToJson({.run = run}, job_namespace));
    json["runs"].back()["displays"] = nullptr;
    json["runs"].back()["output_files"] = nullptr;
    json["runs"].back()["files"] = nullptr;
  }
  return json.dump();
}

std::string NextStdinToJson(int next_seq) { return Json{{"next_seq", next_seq}}.dump(); }

std::string SubmissionToJson(const domain::RunSpec& spec) {
  Json files = Json::array();
  for (const domain::File& file : spec.files) files.push_back(FileJson(file));
  return Json{{"source", spec.source},
              {"stdin", spec.stdin_data},
              {"stdin_open", spec.stdin_open},
              {"args", spec.args},
              {"files", std::move(files)},
              {"outputs", spec.outputs},
              {"display", DisplayJson(spec.display_scale)},
              {"limits", LimitsJson(spec.limits)}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string EncodeCursor(const std::string& run_id) {
  return base::Base64Encode(kBeforeRun + run_id);
}

std::optional<std::string> DecodeCursor(std::string_view cursor) {
  const auto text = base::Base64Decode(cursor);
  if (!text || text->empty() || text->front() != kBeforeRun) return std::nullopt;
  const std::string run_id = text->substr(1);
  if (!domain::IsRunId(run_id)) return std::nullopt;
  return run_id;
}

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
                    {"stdin_idle_seconds", Seconds(policy.stdin_idle_ms)},
                    {"args", policy.args},
                    {"args_bytes", policy.args_bytes},
                    {"files", policy.files},
                    {"file_bytes", policy.file_bytes},
                    {"processes", policy.processes},
                    {"displays", domain::kMaxDisplays},
                    {"display_bytes", policy.display_bytes},
                    {"output_files", domain::kMaxOutputFiles},
                    {"output_file_bytes", policy.output_file_bytes}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace oneshot::api::wire
