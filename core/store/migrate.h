#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/store/migrations.h"

namespace oneshot::store {

/// Brings the schema up to `migrations`, all in one transaction under an advisory lock, so that
/// programs that start at the same moment take turns. Does nothing when it is up to date; accepts
/// migrations it does not know (a newer program ran). Errors: kUnavailable; kInternal - a recorded
/// checksum differs, or a statement failed; nothing was changed.
base::Status Migrate(const std::string& database_url,
                     const std::vector<Migration>& migrations = Migrations());

}  // namespace oneshot::store
