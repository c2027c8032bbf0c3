#include "core/domain/path_pattern.h"

#include <gtest/gtest.h>

#include <string>

#include "core/domain/file.h"

namespace oneshot::domain {
namespace {

TEST(PathPattern, StandsForNamesAsInAShell) {
  for (const auto& [pattern, path] :
       std::initializer_list<std::pair<const char*, const char*>>{{"a.csv", "a.csv"},
                                                                  {"*.csv", "a.csv"},
                                                                  {"*.csv", "b.csv.csv"},
                                                                  {"*", "a"},
                                                                  {"a*b*c", "aXbXbXc"},
                                                                  {"?.csv", "ä.csv"},
                                                                  {"*ä", "xää"},
                                                                  {"plots/*.png", "plots/1.png"},
                                                                  {"**/*.png", "1.png"},
                                                                  {"**/*.png", "a/b/1.png"},
                                                                  {"a/**/z", "a/z"},
                                                                  {"a/**/z", "a/b/c/z"},
                                                                  {"**", "a/b"},
                                                                  {".output/*", ".output/a"},
                                                                  {".*", ".a"}}) {
    EXPECT_TRUE(MatchesPath(pattern, path)) << pattern << " and " << path;
  }
  for (const auto& [pattern, path] :
       std::initializer_list<std::pair<const char*, const char*>>{{"*.csv", "a.txt"},
                                                                  {"*.csv", "a/b.csv"},
                                                                  {"*.csv", ".csv"},
                                                                  {"a", "ab"},
                                                                  {"ab", "a"},
                                                                  {"?", "ab"},
                                                                  {"?", ""},
                                                                  {"a/*", "a"},
                                                                  {"a/**", "a"},
                                                                  {"a/**/z", "a/b/c/y"},
                                                                  {"**", ".output/a"},
                                                                  {"**/a", ".output/a"},
                                                                  {"[a]", "a"}}) {
    EXPECT_FALSE(MatchesPath(pattern, path)) << pattern << " and " << path;
  }
}

TEST(PathPattern, OfADirectoryIsForAllBelowIt) {
  EXPECT_TRUE(MatchesPath("plots", "plots/a/.hidden/1.png"));
  EXPECT_TRUE(MatchesPath("*", "plots/1.png"));
  EXPECT_FALSE(MatchesPath("plot", "plots/1.png"));
}

TEST(PathPattern, OfManyStarsTakesNoTime) {
  std::string stars;
  while (stars.size() < kMaxNameBytes - 2) stars += "*a";
  EXPECT_FALSE(MatchesPath(stars + "b", std::string(kMaxNameBytes, 'a')));
  std::string names = "**";
  for (int i = 1; i < kMaxPathNames; ++i) names += "/**";
  EXPECT_FALSE(MatchesPath(names.substr(0, names.size() - 2) + "b", "a/a/a/a/a/a/a/a"));
}

}  // namespace
}  // namespace oneshot::domain
