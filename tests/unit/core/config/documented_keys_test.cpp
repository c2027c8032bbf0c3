#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "api/options.h"
#include "controller/options.h"
#include "core/config/document.h"

namespace oneshot::config {
namespace {

/// A row of a table: key, default, range, who reads it, meaning.
using Row = std::vector<std::string>;

Row Cells(const std::string& line) {
  Row cells;
  std::istringstream rest(line.substr(1));
  for (std::string cell; std::getline(rest, cell, '|');) {
    const std::size_t first = cell.find_first_not_of(' ');
    cells.push_back(first == std::string::npos
                        ? ""
                        : cell.substr(first, cell.find_last_not_of(' ') + 1 - first));
  }
  return cells;
}

/// The rows below the heading `## Keys`, by key.
std::map<std::string, Row> DocumentedKeys() {
  std::ifstream page(ONESHOT_CONFIGURATION_PAGE);
  std::map<std::string, Row> rows;
  bool is_about_keys = false;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("## ")) is_about_keys = line == "## Keys";
    if (!is_about_keys || !line.starts_with("| `")) continue;
    const Row row = Cells(line);
    rows[row[0].substr(1, row[0].size() - 2)] = row;
  }
  return rows;
}

using Keys = std::map<std::string, Document::Key>;

/// Without a file, all that can be wrong is that there is no database.
template <typename ReadOptions>
Keys KeysOf(ReadOptions read_options) {
  Document document = *Document::Parse("", "config.yaml");
  (void)read_options(document);
  return document.keys();
}

TEST(Configuration, IsDocumentedAsItIsRead) {
  const Keys api = KeysOf(api::ReadOptions);
  const Keys controller = KeysOf(controller::ReadOptions);
  Keys all = api;
  all.insert(controller.begin(), controller.end());
  std::map<std::string, Row> documented = DocumentedKeys();

  for (const auto& [path, key] : all) {
    const bool is_of_a_class = path.starts_with("pool.default.");
    const std::string name = is_of_a_class ? "pool.<class>." + path.substr(13) : path;
    const bool is_shared = api.contains(path) && controller.contains(path);
    ASSERT_TRUE(documented.contains(name)) << name << " is missing";
    const Row row = documented[name];
    documented.erase(name);
    ASSERT_EQ(row.size(), 5U) << name;
    // The defaults and ranges of a class are those of other keys.
    if (!is_of_a_class) {
      EXPECT_EQ(row[1], key.fallback) << name;
      if (!key.minimum.empty()) {
        EXPECT_EQ(row[2], key.minimum + " to " + key.maximum) << name;
      }
    }
    EXPECT_EQ(row[3], is_shared ? "both" : api.contains(path) ? "api" : "controller") << name;
  }
  for (const auto& [name, row] : documented) ADD_FAILURE() << name << " is read by no program";
}

TEST(Configuration, AKeyThatBothProgramsReadIsTheSameInBoth) {
  const Keys api = KeysOf(api::ReadOptions);
  for (const auto& [path, key] : KeysOf(controller::ReadOptions)) {
    if (!api.contains(path)) continue;
    EXPECT_EQ(api.at(path).fallback, key.fallback) << path;
    EXPECT_EQ(api.at(path).minimum, key.minimum) << path;
    EXPECT_EQ(api.at(path).maximum, key.maximum) << path;
  }
}

}  // namespace
}  // namespace oneshot::config
