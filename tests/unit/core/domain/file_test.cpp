#include "core/domain/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/domain/run_spec.h"

namespace oneshot::domain {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

class GoodPath : public testing::TestWithParam<std::string> {};
TEST_P(GoodPath, IsTaken) { EXPECT_EQ(PathFault(GetParam()), std::nullopt); }
INSTANTIATE_TEST_SUITE_P(Paths, GoodPath,
                         testing::Values("data.csv", "data/january.csv", "a b;$(x)'\".txt",
                                         "é.json", "...", ".hidden", "main.pyc", "lib/main.py",
                                         "1/2/3/4/5/6/7/8", std::string(255, 'x')));

class BadPath : public testing::TestWithParam<std::string> {};
TEST_P(BadPath, IsRefused) { EXPECT_NE(PathFault(GetParam()), std::nullopt); }
INSTANTIATE_TEST_SUITE_P(Paths, BadPath,
                         testing::Values("", "/", "/etc/passwd", "..", "../x", "a/../b", "a/..",
                                         ".", "./a", "a//b", "a/", "main.py", "a\\b", "a\nb",
                                         "\x7f", std::string("a\0b", 3), "\xff",
                                         "1/2/3/4/5/6/7/8/9", std::string(256, 'x'),
                                         std::string(513, 'x')));

std::vector<std::pair<std::string, std::string>> FaultsOf(std::vector<File> files) {
  std::vector<std::pair<std::string, std::string>> found;
  RunSpec spec{.source = "x"};
  spec.files = std::move(files);
  LimitPolicy policy;
  policy.files = 3;
  policy.file_bytes = 10;
  for (const Fault& fault : CheckRunSpec(spec, policy))
    found.emplace_back(fault.pointer, fault.code);
  return found;
}

TEST(Files, MayBeEmptyAndBytes) {
  EXPECT_THAT(FaultsOf({{"a", ""}, {"b", std::string("\0\xff", 2)}}), IsEmpty());
}

TEST(Files, AreLimitedInNumberAndTogetherInSize) {
  EXPECT_THAT(FaultsOf({{"a", "12345"}, {"b", "12345"}, {"c", ""}}), IsEmpty());
  EXPECT_THAT(FaultsOf({{"a", "12345"}, {"b", "123456"}}),
              ElementsAre(Pair("/files", "too_large")));
  EXPECT_THAT(FaultsOf({{"a", ""}, {"b", ""}, {"c", ""}, {"d", ""}}),
              ElementsAre(Pair("/files", "too_large")));
}

// A set of its directories would take the square of its length.
TEST(Files, APathThatIsFarTooLongIsOneFault) {
  std::string path;
  for (int i = 0; i < 2'000'000; ++i) path += "a/";
  EXPECT_THAT(FaultsOf({{path, ""}}), ElementsAre(Pair("/files/0/path", "invalid_path")));
}

TEST(Files, DoNotStandInEachOthersPlace) {
  EXPECT_THAT(FaultsOf({{"a", ""}, {"a", ""}}), ElementsAre(Pair("/files/1/path", "invalid_path")));
  EXPECT_THAT(FaultsOf({{"a", ""}, {"a/b", ""}}),
              ElementsAre(Pair("/files/0/path", "invalid_path")));
  EXPECT_THAT(FaultsOf({{"a/b/c", ""}, {"a/b", ""}}),
              ElementsAre(Pair("/files/1/path", "invalid_path")));
  EXPECT_THAT(FaultsOf({{"main.py/a", ""}}), ElementsAre(Pair("/files/0/path", "invalid_path")));
  EXPECT_THAT(FaultsOf({{"a/b", ""}, {"a/c", ""}, {"ab", ""}}), IsEmpty());
}

}  // namespace
}  // namespace oneshot::domain
