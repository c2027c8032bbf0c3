#include "images/python/runner/display_table.h"

#include <gtest/gtest.h>

#include <string>

namespace oneshot::runner {
namespace {

std::string Table(const std::string& head, const std::string& cells,
                  const std::string& counts = R"("rows": 2, "columns": 1, "index_columns": 1)") {
  return "{" + counts + ", \"head\": [" + head + "], \"cells\": [" + cells + "]}";
}

const std::string kHead = R"({"name": "", "dtype": "int64"}, {"name": "a", "dtype": "object"})";

std::string Repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += (i > 0 ? "," : "") + text;
  return all;
}

std::string WhyNot(const std::string& json) {
  const base::Status checked = CheckTable(json);
  return checked ? "a table" : checked.error().message;
}

TEST(CheckTable, TakesATable) {
  EXPECT_EQ(WhyNot(Table(kHead, R"([0, "<b>"], [-1, null], [2.5, true], ["x", 1e300])")),
            "a table");
  EXPECT_EQ(WhyNot(Table(kHead, "")), "a table") << "without rows";
  EXPECT_EQ(WhyNot(Table("", "[], []", R"("rows": 2, "columns": 0, "index_columns": 0)")),
            "a table")
      << "without columns";
}

TEST(CheckTable, RefusesWhatIsNotAsItShouldBe) {
  for (const std::string& json :
       {std::string(),
        std::string("[]"),
        std::string("{}"),
        std::string("1"),
        std::string("null"),
        std::string("\"text\""),
        std::string(R"({"rows": 1})"),
        Table(kHead, "[0, \"a\"]") + " 1",
        Table(kHead, "[0]"),
        Table(kHead, "[0, 1, 2]"),
        Table(kHead, "[0, [1]]"),
        Table(kHead, "[0, {\"a\": 1}]"),
        Table(kHead, "0, 1"),
        Table(kHead, "[0, NaN]"),
        Table(R"({"name": "a"})", ""),
        Table(R"({"dtype": "a", "name": "a"})", ""),
        Table(R"({"name": "a", "dtype": "b", "html": "c"})", ""),
        Table(R"({"name": 1, "dtype": "b"})", ""),
        Table(kHead, "", R"("rows": -1, "columns": 1, "index_columns": 1)"),
        Table(kHead, "", R"("rows": 1.5, "columns": 1, "index_columns": 1)"),
        Table(kHead, "", R"("rows": "1", "columns": 1, "index_columns": 1)"),
        Table(kHead, "", R"("rows": 18446744073709551615, "columns": 1, "index_columns": 1)"),
        Table(kHead, "", R"("rows": 1, "columns": 1, "index_columns": 3)"),
        Table(kHead, "", R"("columns": 1, "rows": 1, "index_columns": 1)"),
        Table(kHead, "", R"("rows": 1, "columns": 1, "index_columns": 1, "html": "<b>")"),
        Table(kHead, "[0, \"\xff\"]")}) {
    EXPECT_EQ(WhyNot(json).find("it is no table"), 0U) << json;
  }
}

TEST(CheckTable, HasItsBounds) {
  const std::string column = R"({"name": "a", "dtype": "b"})";
  const std::string counts = R"("rows": 9, "columns": 9, "index_columns": 0)";
  EXPECT_EQ(WhyNot(Table(Repeated(column, 30), "", counts)), "a table");
  EXPECT_NE(WhyNot(Table(Repeated(column, 31), "", counts)), "a table");
  EXPECT_EQ(WhyNot(Table(kHead, Repeated("[0, 1]", 100))), "a table");
  EXPECT_NE(WhyNot(Table(kHead, Repeated("[0, 1]", 101))), "a table");
  EXPECT_EQ(WhyNot(Table(kHead, "[0, \"" + std::string(1024, 'x') + "\"]")), "a table");
  EXPECT_NE(WhyNot(Table(kHead, "[0, \"" + std::string(1025, 'x') + "\"]")), "a table");
}

// As a tree they would take many times their size.
TEST(CheckTable, IsNotImpressedByDeepNesting) {
  EXPECT_NE(WhyNot(std::string(1 << 20, '[')), "a table");
  EXPECT_NE(WhyNot(Table(kHead, std::string(1 << 20, '['))), "a table");
}

}  // namespace
}  // namespace oneshot::runner
