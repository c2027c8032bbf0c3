#include "core/domain/limits.h"

namespace oneshot::domain {
namespace {

// Below these a program cannot start: Python itself takes 20 ms and 10 MiB, pandas 60 MiB.
constexpr std::int64_t kMinimumTimeMs = 100;
constexpr std::int64_t kMinimumMemoryMib = 64;
constexpr std::int64_t kMinimumOutputBytes = 1024;

/// `unit` is what people read: `per_unit` of what is stored.
void CheckRange(std::vector<Fault>& faults, const char* pointer, std::int64_t value,
                std::int64_t minimum, std::int64_t maximum, const char* unit, double per_unit = 1) {
  if (value >= minimum && value <= maximum) return;
  const auto number = [per_unit](std::int64_t stored) {
    std::string text = std::to_string(static_cast<double>(stored) / per_unit);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text;
  };
  faults.push_back({pointer, "out_of_range",
                    "must be between " + number(minimum) + " and " + number(maximum) + " " + unit});
}

}  // namespace

std::vector<Fault> CheckLimits(const Limits& limits, const LimitPolicy& policy) {
  const Limits& maxima = policy.maxima;
  std::vector<Fault> faults;
  CheckRange(faults, "/limits/wall_seconds", limits.wall_ms, kMinimumTimeMs, maxima.wall_ms,
             "seconds", 1000);
  CheckRange(faults, "/limits/cpu_seconds", limits.cpu_ms, kMinimumTimeMs, maxima.cpu_ms, "seconds",
             1000);
  CheckRange(faults, "/limits/memory_mib", limits.memory_mib, kMinimumMemoryMib, maxima.memory_mib,
             "MiB");
  CheckRange(faults, "/limits/output_bytes", limits.output_bytes, kMinimumOutputBytes,
             maxima.output_bytes, "bytes");
  CheckRange(faults, "/limits/scratch_mib", limits.scratch_mib, 0, maxima.scratch_mib, "MiB");
  return faults;
}

}  // namespace oneshot::domain
