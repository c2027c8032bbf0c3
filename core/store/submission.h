#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "core/base/clock.h"
#include "core/domain/run_spec.h"

namespace oneshot::store {

/// By what a client that repeats a submission lets us know it again.
struct IdempotencyKey {
  /// The client's word, unique for its submitter while kKeyLifetime has not passed.
  std::string key;
  /// Tells submissions apart: a digest.
  std::string fingerprint;
};
inline constexpr std::chrono::hours kKeyLifetime{24};

/// What enters the queue.
struct Submission {
  std::string id;
  domain::RunSpec spec;
  /// Who shares the queue fairly with others, for example `address:203.0.113.7`. Text without NUL.
  std::string submitter;
  std::optional<IdempotencyKey> key{};
};

/// The run that a submission became.
struct Submitted {
  /// Another one than the submission's when its key was used before; that run may be deleted since.
  std::string id;
  /// Of a run that is new.
  std::optional<base::WallTime> created_at{};
};

/// What waits in the queue.
struct QueueLoad {
  std::int64_t runs{0};
  /// Of programs, standard input, arguments and files.
  std::int64_t bytes{0};
  /// Only submitters that have runs in the queue.
  std::map<std::string, std::int64_t> runs_of_submitter;
};

}  // namespace oneshot::store
