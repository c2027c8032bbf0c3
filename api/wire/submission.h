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
  /// Everything that is wrong with it, by JSON pointer.
  std::vector<domain::Fault> faults;
  /// Complete, with the defaults of `policy`, when there are no faults.
  domain::RunSpec spec;
};

/// Reads `{source, stdin?, args?, limits?{wall_seconds, cpu_seconds, memory_mib, output_bytes},
/// scratch_mib?}`.
///
/// Null is as good as absent, except for the source. A field that is not in the contract is a
/// fault, and so is one that stands twice: whoever misspells `wall_seconds` wants to know. A run
/// that asks for more wall time than the default and says nothing of CPU time may compute all that
/// time.
Submission DecodeSubmission(std::string_view body, const domain::LimitPolicy& policy);

}  // namespace oneshot::api::wire
