#pragma once

#include <string>

/// Names and labels that operators rely on.
namespace oneshot::manifest {

inline constexpr const char* kRunIdLabel = "oneshot.dev/run-id";
inline constexpr const char* kAttemptLabel = "oneshot.dev/attempt";
inline constexpr const char* kStateLabel = "oneshot.dev/state";
inline constexpr const char* kInstanceLabel = "oneshot.dev/instance";
/// The Job template that the Job was made from.
inline constexpr const char* kTemplateLabel = "oneshot.dev/template";
/// Of a Job that waits, or waited.
inline constexpr const char* kPoolClassLabel = "oneshot.dev/pool-class";
inline constexpr const char* kContainer = "python";

/// Selects the Jobs and pods of one installation, and no others.
inline std::string InstanceSelector(const std::string& instance) {
  return std::string(kInstanceLabel) + "=" + instance;
}

/// A new name for a Job that waits: warm-<26 characters>.
inline std::string WarmJobName(const std::string& id) { return "warm-" + id; }
inline bool IsWarmJobName(const std::string& job_name) { return job_name.starts_with("warm-"); }

}  // namespace oneshot::manifest
