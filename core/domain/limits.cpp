#include "core/domain/limits.h"

namespace oneshot::domain {
namespace {

// Below these a program cannot start: Python itself takes 20 ms and 10 MiB, pandas 60 MiB.
constexpr std::int64_t kMinimumTimeMs = 100;
constexpr std::int64_t kMinimumMemoryMib = 64;
constexpr std::int64_t kMinimumOutputBytes = 1024;

void CheckRange(std::vector<Fault>& faults, const char* pointer, double value, double minimum,
                double maximum, const char* unit) {
  if (value >= minimum && value <= maximum) return;
  const auto number = [](double n) {
    std::string text = std::to_string(n);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text;
  };
  faults.push_back({pointer, "out_of_range",
                    "must be between " + number(minimum) + " and " + number(maximum) + " " + unit});
}

}  // namespace

std::vector<Fault> CheckLimits(const Limits& limits, const LimitPolicy& policy) {
  std::vector<Fault> faults;
  const auto seconds = [](std::int64_t ms) { return static_cast<double>(ms) / 1000.0; };
  const auto number = [](std::int64_t n) { return static_cast<double>(n); };
  CheckRange(faults, "/limits/wall_seconds", seconds(limits.wall_ms), seconds(kMinimumTimeMs),
             seconds(policy.maxima.wall_ms), "seconds");
  CheckRange(faults, "/limits/cpu_seconds", seconds(limits.cpu_ms), seconds(kMinimumTimeMs),
             seconds(policy.maxima.cpu_ms), "seconds");
  CheckRange(faults, "/limits/memory_mib", number(limits.memory_mib), number(kMinimumMemoryMib),
             number(policy.maxima.memory_mib), "MiB");
  CheckRange(faults, "/limits/output_bytes", number(limits.output_bytes),
             number(kMinimumOutputBytes), number(policy.maxima.output_bytes), "bytes");
  CheckRange(faults, "/limits/scratch_mib", number(limits.scratch_mib), 0,
             number(policy.maxima.scratch_mib), "MiB");
  return faults;
}

}  // namespace oneshot::domain
