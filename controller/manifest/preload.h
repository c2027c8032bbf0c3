#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace oneshot::manifest {

/// Those of `modules` (dotted names, as in ONESHOT_PRELOAD) that a program's import statements
/// name, in the order of `modules`. Read off its lines, not parsed: an import in a string counts,
/// one in `exec` does not. A hint for what a Job made for one run imports while its request is on
/// the way; a wrong guess costs time, never a result. Nothing of the source gets into the result.
std::vector<std::string> ImportedAmong(const std::vector<std::string>& modules,
                                       std::string_view source);

}  // namespace oneshot::manifest
