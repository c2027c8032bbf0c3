#pragma once

#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <type_traits>
#include <vector>

#include "core/base/result.h"
#include "core/domain/run.h"

/// Rows to values and back.
namespace oneshot::store {

/// The columns of get.sql, list.sql, claim.sql or adopt_active.sql.
domain::Run ReadRun(const pqxx::row& row);

/// The columns of read_files.sql.
std::vector<domain::File> ReadFiles(const pqxx::row& row);

domain::RunStatus ReadStatus(const pqxx::row& row);

/// What `read` makes of the first row, or `missing` when there is none.
template <typename Read>
auto ReadFirst(const pqxx::result& rows, base::Error missing, const Read& read)
    -> base::Result<std::invoke_result_t<Read, const pqxx::row&>> {
  if (rows.empty()) return missing;
  return read(rows[0]);
}

/// One number or one column of text.
std::int64_t ReadNumber(const pqxx::result& rows);
std::vector<std::string> ReadTexts(const pqxx::result& rows);

/// A column of microseconds since 1970.
base::WallTime ReadTime(const pqxx::row& row, const char* column);

std::int64_t ToMicroseconds(base::Milliseconds duration);

/// Text as PostgreSQL accepts it: valid UTF-8 without NUL.
std::string CleanText(const std::string& text);

// JSON, which the statements take apart.

std::string EncodeTexts(const std::vector<std::string>& texts);
std::string EncodeOptions(const domain::RunSpec& spec);
/// What the files are; nothing when there are none.
std::optional<std::string> EncodeFiles(const std::vector<domain::File>& files);
std::string EncodePod(const domain::JobRef& job);
std::string EncodeOutcome(const domain::Outcome& outcome);

}  // namespace oneshot::store
