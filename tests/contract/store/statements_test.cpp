// Each file of core/store/statements against the schema that the migrations make.
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "core/store/migrate.h"
#include "core/store/sql_files.h"
#include "tests/support/store/temporary_database.h"

namespace oneshot {
namespace {

std::set<std::string> ParametersIn(const std::string& text) {
  static const std::regex parameter(R"(\$\d+)");
  return {std::sregex_token_iterator(text.begin(), text.end(), parameter), {}};
}

TEST(Statements, CanBePreparedWithTheMigratedSchema) {
  const test::TemporaryDatabase database;
  ASSERT_TRUE(store::Migrate(database.url()));
  for (const store::SqlFile& file : store::Statements()) {
    SCOPED_TRACE(file.name);
    EXPECT_NO_THROW(database.Execute("PREPARE statement AS " + file.sql));
  }
}

TEST(Statements, BeginWithACommentThatNamesTheirParameters) {
  ASSERT_FALSE(store::Statements().empty());
  for (const store::SqlFile& file : store::Statements()) {
    SCOPED_TRACE(file.name);
    std::size_t statement = 0;
    while (file.sql.compare(statement, 2, "--") == 0)
      statement = file.sql.find('\n', statement) + 1;
    EXPECT_GT(statement, 0U);
    EXPECT_EQ(ParametersIn(file.sql.substr(0, statement)),
              ParametersIn(file.sql.substr(statement)));
  }
}

}  // namespace
}  // namespace oneshot
