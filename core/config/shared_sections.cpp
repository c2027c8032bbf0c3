#include "core/config/shared_sections.h"

#include <cmath>
#include <cstdlib>

namespace oneshot::config {
namespace {

constexpr double kDaySeconds = 86'400;
constexpr std::int64_t kMebibyte = 1'048'576;

void ReadSeconds(Document& document, const std::string& path, std::int64_t& value_ms) {
  double seconds = static_cast<double>(value_ms) / 1000.0;
  document.Number(path, seconds, 0.1, kDaySeconds);
  value_ms = std::llround(seconds * 1000.0);
}

void ReadLimitSet(Document& document, const std::string& section, domain::Limits& limits) {
  ReadSeconds(document, section + ".wall_seconds", limits.wall_ms);
  ReadSeconds(document, section + ".cpu_seconds", limits.cpu_ms);
  document.Integer(section + ".memory_mib", limits.memory_mib, 64, 1'048'576);
  document.Bytes(section + ".output_bytes", limits.output_bytes, 1024, 64 * kMebibyte);
  document.Integer(section + ".scratch_mib", limits.scratch_mib, 0, 65'536);
}

void ReadLimits(Document& document, domain::LimitPolicy& policy) {
  ReadLimitSet(document, "limits.defaults", policy.defaults);
  ReadLimitSet(document, "limits.maxima", policy.maxima);
  document.Bytes("limits.source_bytes", policy.source_bytes, 1024, 2 * kMebibyte);
  document.Bytes("limits.stdin_bytes", policy.stdin_bytes, 0, kMebibyte);
  ReadSeconds(document, "limits.stdin_idle_seconds", policy.stdin_idle_ms);
  document.Integer("limits.args", policy.args, 0, 1024);
  document.Bytes("limits.args_bytes", policy.args_bytes, 0, 131'072);
  document.Integer("limits.processes", policy.processes, 8, 4096);
  document.Integer("limits.files", policy.files, 0, 1000);
  document.Bytes("limits.file_bytes", policy.file_bytes, 0, 32 * kMebibyte);
  document.Bytes("limits.display_bytes", policy.display_bytes, 0, 64 * kMebibyte);
  document.Bytes("limits.output_file_bytes", policy.output_file_bytes, 0, 32 * kMebibyte);
  for (const domain::Fault& fault : domain::CheckLimits(policy.defaults, policy)) {
    const std::string key = fault.pointer.substr(fault.pointer.rfind('/') + 1);
    document.Refuse("limits.defaults." + key, fault.detail + " (limits.maxima." + key + ")");
  }
}

}  // namespace

void ReadShared(Document& document, SharedOptions& options) {
  DatabaseOptions& database = options.database;
  document.String("database.url", database.url);
  TakeFromEnvironment("ONESHOT_DATABASE_URL", database.url);
  if (database.url.empty()) {
    document.Refuse("database.url",
                    "is needed; the environment variable ONESHOT_DATABASE_URL may give it instead");
  }
  document.Integer("database.connections", database.connections, 1, 256);
  document.Duration("database.call_timeout", database.call_timeout, std::chrono::seconds(1),
                    std::chrono::minutes(1));
  ReadLimits(document, options.limits);
  std::string level = telemetry::LevelName(options.log_level);
  document.String("log.level", level);
  const auto parsed = telemetry::ParseLevel(level);
  if (!parsed) document.Refuse("log.level", "must be one of debug, info, warning, error");
  options.log_level = parsed.value_or(options.log_level);
  document.Bytes("retention.bytes", options.retention_bytes, 16 * kMebibyte, 1'048'576 * kMebibyte);
  document.String("kubernetes.namespace", options.job_namespace);
}

void TakeFromEnvironment(const char* name, std::string& value) {
  const char* const set = std::getenv(name);
  if (set != nullptr && *set != '\0') value = set;
}

}  // namespace oneshot::config
