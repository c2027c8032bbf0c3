#pragma once

#include <string_view>

#include "core/base/result.h"

namespace oneshot::runner {

/// Whether `json` is the beginning of a table as docs/api.md describes it. Takes no more memory
/// than `json`, whatever that is. Errors: kInvalidArgument, with a message for the program's
/// author.
base::Status CheckTable(std::string_view json);

}  // namespace oneshot::runner
