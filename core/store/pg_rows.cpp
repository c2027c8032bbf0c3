#include "core/store/pg_rows.h"

#include <nlohmann/json.hpp>

#include "core/base/base64.h"
#include "core/base/utf8.h"
#include "core/store/output_chunk.h"

namespace oneshot::store {
namespace {

template <typename T>
std::optional<T> Optional(const pqxx::row& row, const char* column) {
  const pqxx::field field = row[column];
  return field.is_null() ? std::nullopt : std::optional<T>(field.as<T>());
}

std::optional<base::WallTime> OptionalTime(const pqxx::row& row, const char* column) {
  const auto microseconds = Optional<std::int64_t>(row, column);
  if (!microseconds) return std::nullopt;
  return base::WallTime(std::chrono::microseconds(*microseconds));
}

// Empty when it is NULL.
std::string Text(const pqxx::row& row, const char* column) {
  return row[column].as<std::string>("");
}

domain::Outcome ReadOutcome(const pqxx::row& row, domain::RunStatus status) {
  return {.status = status,
          .reason = Text(row, "reason"),
          .message = Text(row, "message"),
          .exit_code = Optional<int>(row, "exit_code"),
          .signal = Optional<int>(row, "signal"),
          .stdout_bytes = {row["stdout_bytes"].as<std::int64_t>(0),
                           row["stdout_dropped_bytes"].as<std::int64_t>(0)},
          .stderr_bytes = {row["stderr_bytes"].as<std::int64_t>(0),
                           row["stderr_dropped_bytes"].as<std::int64_t>(0)},
          .wall_ms = Optional<std::int64_t>(row, "wall_ms"),
          .cpu_ms = Optional<std::int64_t>(row, "cpu_ms"),
          .peak_memory_bytes = Optional<std::int64_t>(row, "peak_memory_bytes"),
          .dropped_displays = row["dropped_displays"].as<int>(),
          .dropped_output_files = row["dropped_output_files"].as<int>(),
          .output_incomplete = row["output_incomplete"].as<bool>(false)};
}

std::vector<domain::Interruption> ReadInterruptions(const pqxx::row& row) {
  std::vector<domain::Interruption> interruptions;
  if (row["interruptions"].is_null()) return interruptions;
  for (const auto& json : nlohmann::json::parse(Text(row, "interruptions"))) {
    interruptions.push_back(
        {.attempt = json.at("attempt").get<int>(),
         .reason = json.at("reason").get<std::string>(),
         .message = json.at("message").get<std::string>(),
         .node = json.at("node").get<std::string>(),
         .at = base::WallTime(std::chrono::microseconds(json.at("at_us").get<std::int64_t>()))});
  }
  return interruptions;
}

std::vector<std::string> DecodeTexts(const std::string& text) {
  return nlohmann::json::parse(text).get<std::vector<std::string>>();
}

/// Without their content; NULL means none.
std::vector<domain::FileInfo> DecodeFiles(const std::string& text) {
  std::vector<domain::FileInfo> files;
  if (text.empty()) return files;
  for (const auto& json : nlohmann::json::parse(text))
    files.push_back({json.at("path").get<std::string>(), json.at("bytes").get<std::int64_t>()});
  return files;
}

/// NULL means that its runner has not said.
std::optional<domain::Sandbox> DecodeSandbox(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto json = nlohmann::json::parse(text);
  return domain::Sandbox{.landlock = json.at("landlock").get<int>(),
                         .seccomp = json.at("seccomp").get<bool>(),
                         .user_namespace = json.at("user_namespace").get<bool>()};
}

}  // namespace

domain::Run ReadRun(const pqxx::row& row) {
  domain::Run run;
  run.id = Text(row, "id");
  run.status = ReadStatus(row);
  run.attempt = row["attempt"].as<int>();
  run.cancel_requested = row["cancel_requested"].as<bool>();
  run.spec.source = Text(row, "source");
  run.spec.stdin_data = Text(row, "stdin");
  run.spec.args = DecodeTexts(Text(row, "args"));
  if (!row["outputs"].is_null()) run.spec.outputs = DecodeTexts(Text(row, "outputs"));
  run.spec.stdin_open = row["stdin_open"].as<bool>();
  run.stdin_ended = row["stdin_ended"].as<bool>();
  run.files = DecodeFiles(Text(row, "files"));
  run.spec.limits = {.wall_ms = row["wall_ms_limit"].as<std::int64_t>(),
                     .cpu_ms = row["cpu_ms_limit"].as<std::int64_t>(),
                     .memory_mib = row["memory_mib"].as<std::int64_t>(),
                     .output_bytes = row["output_bytes_limit"].as<std::int64_t>(),
                     .scratch_mib = row["scratch_mib"].as<std::int64_t>()};
  run.spec.display_scale = row["display_scale"].as<double>();
  run.displays = DecodeDisplays(Text(row, "displays"));
  run.avoid_node = Text(row, "avoid_node");
  run.interruptions = ReadInterruptions(row);
  run.created_at = ReadTime(row, "created_us");
  run.claimed_at = OptionalTime(row, "claimed_us");
  run.started_at = OptionalTime(row, "started_us");
  if (!row["job_name"].is_null()) {
    run.job = domain::JobRef{Text(row, "job_name"),
                             Text(row, "pod"),
                             Text(row, "pod_uid"),
                             Text(row, "node"),
                             Text(row, "image"),
                             Text(row, "snapshot"),
                             DecodeSandbox(Text(row, "sandbox"))};
  }
  if (domain::IsTerminal(run.status)) {
    run.finished_at = OptionalTime(row, "finished_us");
    run.outcome = ReadOutcome(row, run.status);
  } else {
    run.message = Text(row, "message");
  }
  return run;
}

domain::RunStatus ReadStatus(const pqxx::row& row) {
  return domain::ParseRunStatus(Text(row, "status")).value_or(domain::RunStatus::kError);
}

std::int64_t ReadNumber(const pqxx::result& rows) { return rows[0][0].as<std::int64_t>(); }

std::vector<std::string> ReadTexts(const pqxx::result& rows) {
  std::vector<std::string> texts;
  for (const pqxx::row& row : rows) texts.push_back(row[0].as<std::string>());
  return texts;
}

base::WallTime ReadTime(const pqxx::row& row, const char* column) {
  return OptionalTime(row, column).value_or(base::WallTime{});
}

std::int64_t ToMicroseconds(base::Milliseconds duration) {
  return std::chrono::microseconds(duration).count();
}

std::string CleanText(const std::string& text) {
  std::string clean = base::ReplaceInvalidUtf8(text);
  std::erase(clean, '\0');
  return clean;
}

std::string EncodeTexts(const std::vector<std::string>& texts) {
  return nlohmann::json(texts).dump();
}

std::string EncodeOptions(const domain::RunSpec& spec) {
  const domain::Limits& limits = spec.limits;
  nlohmann::json options{
      {"wall_ms_limit", limits.wall_ms},   {"cpu_ms_limit", limits.cpu_ms},
      {"memory_mib", limits.memory_mib},   {"output_bytes_limit", limits.output_bytes},
      {"scratch_mib", limits.scratch_mib}, {"display_scale", spec.display_scale},
      {"stdin_open", spec.stdin_open}};
  if (!spec.outputs.empty()) options["outputs"] = spec.outputs;
  return options.dump();
}

std::optional<std::string> EncodeFiles(const std::vector<domain::File>& files) {
  if (files.empty()) return std::nullopt;
  auto json = nlohmann::json::array();
  for (const domain::FileInfo& file : domain::InfoOf(files))
    json.push_back({{"path", file.path}, {"bytes", file.bytes}});
  return json.dump();
}

std::vector<domain::File> ReadFiles(const pqxx::row& row) {
  std::vector<domain::File> files;
  const pqxx::binarystring content(row["file_content"]);
  const std::string_view bytes(content.get(), content.size());
  std::size_t begin = 0;
  for (domain::FileInfo& file : DecodeFiles(Text(row, "files"))) {
    const auto size = static_cast<std::size_t>(file.bytes);
    files.push_back({std::move(file.path), std::string(bytes.substr(begin, size))});
    begin += size;
  }
  return files;
}

std::string EncodePod(const domain::JobRef& job) {
  auto columns = nlohmann::json::object();
  const auto set = [&](const char* column, const std::string& value) {
    if (!value.empty()) columns[column] = CleanText(value);
  };
  set("pod", job.pod);
  set("pod_uid", job.pod_uid);
  set("node", job.node);
  set("image", job.image);
  set("snapshot", job.snapshot);
  if (const auto& sandbox = job.sandbox) {
    columns["sandbox"] = {{"landlock", sandbox->landlock},
                          {"seccomp", sandbox->seccomp},
                          {"user_namespace", sandbox->user_namespace}};
  }
  return columns.dump();
}

std::string EncodeOutcome(const domain::Outcome& outcome) {
  nlohmann::json columns{{"status", ToString(outcome.status)},
                         {"reason", outcome.reason},
                         {"message", CleanText(outcome.message)},
                         {"stdout_bytes", outcome.stdout_bytes.produced},
                         {"stdout_dropped_bytes", outcome.stdout_bytes.dropped},
                         {"stderr_bytes", outcome.stderr_bytes.produced},
                         {"stderr_dropped_bytes", outcome.stderr_bytes.dropped},
                         {"dropped_displays", outcome.dropped_displays},
                         {"dropped_output_files", outcome.dropped_output_files},
                         {"output_incomplete", outcome.output_incomplete}};
  const auto set = [&](const char* column, const auto& value) {
    if (value) columns[column] = *value;
  };
  set("exit_code", outcome.exit_code);
  set("signal", outcome.signal);
  set("wall_ms", outcome.wall_ms);
  set("cpu_ms", outcome.cpu_ms);
  set("peak_memory_bytes", outcome.peak_memory_bytes);
  return columns.dump();
}

}  // namespace oneshot::store
