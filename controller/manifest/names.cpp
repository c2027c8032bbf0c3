#include "controller/manifest/names.h"

namespace oneshot::manifest {

std::string InstanceSelector(const std::string& instance) {
  return std::string(kInstanceLabel) + "=" + instance;
}

std::string WarmJobName(const std::string& id) { return "warm-" + id; }

bool IsWarmJobName(const std::string& job_name) { return job_name.starts_with("warm-"); }

}  // namespace oneshot::manifest
