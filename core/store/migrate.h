#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/store/sql_files.h"

namespace oneshot::store {

/// Brings the schema up to `migrations`, all in one transaction under an advisory lock, so that
/// programs that start at the same moment take turns. Does nothing when the schema is up to date;
/// accepts applied migrations that it does not know (of a newer version). Errors: kUnavailable;
/// kInternal - a recorded checksum differs or a statement failed, and nothing was changed.
base::Status Migrate(const std::string& database_url,
                     const std::vector<SqlFile>& migrations = Migrations());

}  // namespace oneshot::store
