#pragma once

#include <string>
#include <vector>

namespace oneshot::store {

/// A file of SQL; CMake compiles its text into the programs.
struct SqlFile {
  /// The file's name without its extension: 0001_runs, claim.
  std::string name;
  std::string sql;
};

/// core/store/migrations in order: forward only, one purpose each, never edited once released
/// because their checksums are recorded.
const std::vector<SqlFile>& Migrations();

/// core/store/statements: one SQL statement each, prepared under its name.
const std::vector<SqlFile>& Statements();

}  // namespace oneshot::store
