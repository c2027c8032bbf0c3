#pragma once

#include <string>

#include "core/store/run_store.h"

namespace oneshot::test {

/// The attempt of a run that was claimed without a waiting Job.
inline store::AttemptRef ColdAttempt(const std::string& run_id, int attempt) {
  return {.run_id = run_id,
          .attempt = attempt,
          .job_name = "run-" + run_id + "-" + std::to_string(attempt)};
}

}  // namespace oneshot::test
