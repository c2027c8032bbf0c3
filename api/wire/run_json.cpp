#include "api/wire/run_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/wire/time.h"
#include "core/base/utf8.h"

namespace oneshot::api::wire {
namespace {

using Json = nlohmann::ordered_json;

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

Json OutputCounts(const std::optional<domain::Outcome>& outcome) {
  if (!outcome) {
    return {{"stdout_bytes", nullptr},
            {"stderr_bytes", nullptr},
            {"stdout_dropped_bytes", nullptr},
            {"stderr_dropped_bytes", nullptr}};
  }
  return {{"stdout_bytes", outcome->stdout_bytes.produced},
          {"stderr_bytes", outcome->stderr_bytes.produced},
          {"stdout_dropped_bytes", outcome->stdout_bytes.dropped},
          {"stderr_dropped_bytes", outcome->stderr_bytes.dropped}};
}

Json JobJson(const std::optional<domain::JobRef>& job, const std::string& job_namespace) {
  if (!job) return nullptr;
  return {{"namespace", job_namespace},
          {"name", job->name},
          {"pod", TextOrNull(job->pod)},
          {"node", TextOrNull(job->node)},
          {"image", TextOrNull(job->image)}};
}

Json ToJson(const RunView& view, const std::string& job_namespace) {
  const domain::Run& run = view.run;
  const std::optional<domain::Outcome>& outcome = run.outcome;
  const std::string self = "/api/v1/runs/" + run.id;
  const domain::Limits& limits = run.spec.limits;

  Json json;
  json["id"] = run.id;
  json["status"] = domain::ToString(run.status);
  json["exit_code"] = outcome ? OrNull(outcome->exit_code) : Json(nullptr);
  json["signal"] = outcome ? OrNull(outcome->signal) : Json(nullptr);
  json["reason"] = outcome ? TextOrNull(outcome->reason) : Json(nullptr);
  json["message"] = outcome ? TextOrNull(outcome->message) : Json(nullptr);
  if (view.output) {
    json["stdout"] = base::ReplaceInvalidUtf8(view.output->stdout_bytes);
    json["stderr"] = base::ReplaceInvalidUtf8(view.output->stderr_bytes);
  }
  json["truncated"] = outcome && (outcome->stdout_bytes.dropped > 0 ||
                                  outcome->stderr_bytes.dropped > 0 || outcome->output_incomplete);
  json["output"] = OutputCounts(outcome);
  json["timings"] = {{"queued_ms", Between(run.created_at, run.claimed_at)},
                     {"startup_ms", Between(run.claimed_at, run.started_at)},
                     {"wall_ms", outcome ? OrNull(outcome->wall_ms) : Json(nullptr)},
                     {"cpu_ms", outcome ? OrNull(outcome->cpu_ms) : Json(nullptr)}};
  json["peak_memory_bytes"] = outcome ? OrNull(outcome->peak_memory_bytes) : Json(nullptr);
  json["attempt"] = run.attempt;
  json["job"] = JobJson(run.job, job_namespace);
  json["created_at"] = FormatTime(run.created_at);
  json["started_at"] = TimeOrNull(run.started_at);
  json["finished_at"] = TimeOrNull(run.finished_at);
  json["queue_position"] = OrNull(view.queue_position);
  json["limits"] = {{"wall_seconds", Seconds(limits.wall_ms)},
                    {"cpu_seconds", Seconds(limits.cpu_ms)},
                    {"memory_mib", limits.memory_mib},
                    {"output_bytes", limits.output_bytes},
                    {"scratch_mib", limits.scratch_mib}};
  json["links"] = {{"self", self}, {"events", self + "/events"}};
  return json;
}

}  // namespace

Output JoinOutput(const std::vector<domain::OutputRecord>& records) {
  Output output;
  for (const domain::OutputRecord& record : records) {
    if (record.stream == domain::Stream::kStdout) output.stdout_bytes += record.data;
    if (record.stream == domain::Stream::kStderr) output.stderr_bytes += record.data;
  }
  return output;
}

std::string RunToJson(const RunView& view, const std::string& job_namespace) {
  return ToJson(view, job_namespace).dump();
}

std::string RunsToJson(const std::vector<domain::Run>& runs, const std::string& job_namespace,
                       const std::optional<std::string>& next_cursor) {
  Json json{{"runs", Json::array()}, {"next_cursor", OrNull(next_cursor)}};
  for (const domain::Run& run : runs) json["runs"].push_back(ToJson({.run = run}, job_namespace));
  return json.dump();
}

}  // namespace oneshot::api::wire
