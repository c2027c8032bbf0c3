#include "core/config/shared_sections.h"

#include <cmath>
#include <cstdlib>

namespace oneshot::config {
namespace {

constexpr double kDaySeconds = 86'400;
constexpr std::int64_t kMebibyte = 1'048'576;

std::int64_t ReadSeconds(Document& document, const std::string& path, std::int64_t fallback_ms) {
  return std::llround(
      document.Number(path, static_cast<double>(fallback_ms) / 1000.0, 0.1, kDaySeconds) * 1000.0);
}

domain::Limits ReadLimitSet(Document& document, const std::string& section,
                            const domain::Limits& fallback) {
  return {
      .wall_ms = ReadSeconds(document, section + ".wall_seconds", fallback.wall_ms),
      .cpu_ms = ReadSeconds(document, section + ".cpu_seconds", fallback.cpu_ms),
      .memory_mib = document.Integer(section + ".memory_mib", fallback.memory_mib, 64, 1'048'576),
      .output_bytes =
          document.Bytes(section + ".output_bytes", fallback.output_bytes, 1024, 64 * kMebibyte),
      .scratch_mib = document.Integer(section + ".scratch_mib", fallback.scratch_mib, 0, 65'536)};
}

void ReadLimits(Document& document, domain::LimitPolicy& policy) {
  policy.defaults = ReadLimitSet(document, "limits.defaults", policy.defaults);
  policy.maxima = ReadLimitSet(document, "limits.maxima", policy.maxima);
  policy.source_bytes =
      document.Bytes("limits.source_bytes", policy.source_bytes, 1024, 2 * kMebibyte);
  policy.stdin_bytes = document.Bytes("limits.stdin_bytes", policy.stdin_bytes, 0, kMebibyte);
  policy.args = document.Integer("limits.args", policy.args, 0, 1024);
  policy.args_bytes = document.Bytes("limits.args_bytes", policy.args_bytes, 0, 131'072);
  policy.processes = document.Integer("limits.processes", policy.processes, 8, 4096);
  policy.display_bytes =
      document.Bytes("limits.display_bytes", policy.display_bytes, 0, 64 * kMebibyte);
  for (const domain::Fault& fault : domain::CheckLimits(policy.defaults, policy)) {
    const std::string key = fault.pointer.substr(fault.pointer.rfind('/') + 1);
    document.Refuse("limits.defaults." + key, fault.detail + " (limits.maxima." + key + ")");
  }
}

}  // namespace

void ReadShared(Document& document, SharedOptions& options) {
  DatabaseOptions& database = options.database;
  database.url = FromEnvironment("ONESHOT_DATABASE_URL", document.String("database.url", ""));
  if (database.url.empty()) {
    document.Refuse("database.url",
                    "is needed; the environment variable ONESHOT_DATABASE_URL may give it instead");
  }
  database.connections = document.Integer("database.connections", database.connections, 1, 256);
  ReadLimits(document, options.limits);
  const auto level =
      telemetry::ParseLevel(document.String("log.level", telemetry::LevelName(options.log_level)));
  if (!level) document.Refuse("log.level", "must be one of debug, info, warning, error");
  options.log_level = level.value_or(options.log_level);
  options.job_namespace = document.String("kubernetes.namespace", options.job_namespace);
}

std::string FromEnvironment(const char* name, const std::string& fallback) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : fallback;
}

}  // namespace oneshot::config
