#pragma once

#include <string>
#include <vector>

#include "core/domain/fault.h"
#include "core/domain/file.h"
#include "core/domain/limits.h"

namespace oneshot::domain {

/// What a user asks for. Text is UTF-8 without NUL.
struct RunSpec {
  std::string source;
  std::string stdin_data;
  /// More may follow `stdin_data` while the run is active; otherwise it ends there.
  bool stdin_open{false};
  std::vector<std::string> args;
  Limits limits;
  std::vector<File> files;
  /// Patterns (see path_pattern.h) of the files in the program's directory that come back. What it
  /// leaves in $ONESHOT_OUTPUT comes back in any case.
  std::vector<std::string> outputs;
  /// How many pixels of a figure make one of a page; 0: the program can show nothing, and runs as
  /// it would anywhere.
  double display_scale{0};

  bool operator==(const RunSpec&) const = default;
};

/// Everything that is wrong with `spec`, not the first fault only; empty when it may run.
std::vector<Fault> CheckRunSpec(const RunSpec& spec, const LimitPolicy& policy);

}  // namespace oneshot::domain
