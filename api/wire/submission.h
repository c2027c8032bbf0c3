#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/domain/fault.h"
#include "core/domain/limits.h"
#include "core/domain/run_spec.h"

namespace oneshot::api::wire {

/// A submission, read and checked.
struct Submission {
  /// Why the body is not JSON at all; empty when it is. Then there are neither faults nor a spec.
  std::string malformed;
  /// What is wrong with it, by JSON pointer: everything, up to domain::kMaxFaults.
  std::vector<domain::Fault> faults;
  /// There are more faults, or a part of the body was not read because of those that are listed.
  bool has_more_faults{false};
  /// Complete, with the defaults of `policy`, when there are no faults.
  domain::RunSpec spec;
};

/// Reads `{source, stdin?, stdin_open?, args?, files?[{path, content | content_b64}], outputs?,
/// display?, limits?{wall_seconds, cpu_seconds, memory_mib, output_bytes, scratch_mib}}`.
///
/// Null is as good as absent, except for the source. An unknown field is a fault, and so is a field
/// that appears twice: a user who misspells `wall_seconds` wants to know. A run that asks for more
/// wall time than the default and does not mention CPU time may compute all that time.
///
/// Time is linear in the body's size, and memory is at most a few times that size, whatever the
/// body holds.
Submission DecodeSubmission(std::string_view body, const domain::LimitPolicy& policy);

}  // namespace oneshot::api::wire
