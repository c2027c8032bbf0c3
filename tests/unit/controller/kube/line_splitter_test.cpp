#include "controller/kube/line_splitter.h"

#include <gtest/gtest.h>

#include <vector>

namespace oneshot::kube {
namespace {

std::vector<std::string> Split(LineSplitter* splitter, const std::vector<std::string>& pieces) {
  std::vector<std::string> lines;
  for (const std::string& piece : pieces) {
    EXPECT_TRUE(splitter->Feed(piece, [&](std::string_view line) {
      lines.emplace_back(line);
      return true;
    }));
  }
  return lines;
}

TEST(LineSplitter, JoinsALineThatCameInPieces) {
  LineSplitter splitter(100);
  EXPECT_EQ(Split(&splitter, {"ab", "c\nde", "f", "\ng"}),
            (std::vector<std::string>{"abc", "def"}));
}

TEST(LineSplitter, SkipsEmptyLines) {
  LineSplitter splitter(100);
  EXPECT_EQ(Split(&splitter, {"\n\na\n\n", "b", "\n"}), (std::vector<std::string>{"a", "b"}));
}

TEST(LineSplitter, CutsALineOverTheLimitEvenBeforeItsEndAndSkipsItsRest) {
  LineSplitter splitter(4);
  EXPECT_EQ(Split(&splitter, {"abcd\nabc"}), (std::vector<std::string>{"abcd"}));
  EXPECT_EQ(Split(&splitter, {"de"}), (std::vector<std::string>{"abcd"})) << "before its end";
  EXPECT_EQ(Split(&splitter, {"f", "ghijklm", "n\nop", "q\n"}), (std::vector<std::string>{"opq"}));
  EXPECT_EQ(Split(&splitter, {"abcdefg\nh\n"}), (std::vector<std::string>{"abcd", "h"}));
}

TEST(LineSplitter, StopsWhenTheReceiverHasHadEnough) {
  LineSplitter splitter(100);
  int lines = 0;
  EXPECT_FALSE(splitter.Feed("a\nb\nc\n", [&](std::string_view) { return ++lines < 2; }));
  EXPECT_EQ(lines, 2);
}

}  // namespace
}  // namespace oneshot::kube
