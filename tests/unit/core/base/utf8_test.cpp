#include "core/base/utf8.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace oneshot::base {
namespace {

constexpr const char* kReplacement = "\xEF\xBF\xBD";

TEST(Utf8, KnowsTheEdgesOfTheEncoding) {
  for (const char* valid :
       {"", "a", "\x7f", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
        "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(IsValidUtf8(valid));
    EXPECT_EQ(ReplaceInvalidUtf8(valid), valid);
  }
  for (const char* invalid :
       {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xE0\x80\x80", "\xE0\xA0", "\xED\xA0\x80",
        "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"}) {
    EXPECT_FALSE(IsValidUtf8(invalid));
  }
  EXPECT_TRUE(IsValidUtf8(std::string_view("a\0b", 3)));
}

TEST(Utf8, ReplacesEachMaximalInvalidPartOnce) {
  const std::string r = kReplacement;
  EXPECT_EQ(ReplaceInvalidUtf8("a\xFF"
                               "b"),
            "a" + r + "b");
  EXPECT_EQ(ReplaceInvalidUtf8("\xE2\x82"), r);  // one cut character
  EXPECT_EQ(ReplaceInvalidUtf8("\xE2\x82"
                               "z"),
            r + "z");
  EXPECT_EQ(ReplaceInvalidUtf8("\xED\xA0\x80"),
            r + r + r);  // a surrogate, as WHATWG and Python have it
  EXPECT_EQ(ReplaceInvalidUtf8("\xF0\x9F\x98\xF0\x9F\x98\x80"), r + "\xF0\x9F\x98\x80");
}

TEST(Utf8, FindsThePrefixAndTheUnfinishedSuffix) {
  EXPECT_EQ(ValidUtf8Prefix("ab\xFF"
                            "cd"),
            2U);
  EXPECT_EQ(ValidUtf8Prefix("\xE2\x82\xAC"), 3U);
  EXPECT_EQ(IncompleteUtf8Suffix("ab\xE2\x82"), 2U);
  EXPECT_EQ(IncompleteUtf8Suffix("ab\xF0\x9F\x98"), 3U);
  EXPECT_EQ(IncompleteUtf8Suffix("\xF0"), 1U);
  EXPECT_EQ(IncompleteUtf8Suffix("ab\xE2\x82\xAC"), 0U);
  EXPECT_EQ(IncompleteUtf8Suffix("ab\xFF"), 0U);  // nothing could complete it
  EXPECT_EQ(IncompleteUtf8Suffix("ab\x82"), 0U);
  EXPECT_EQ(IncompleteUtf8Suffix(""), 0U);
}

TEST(Utf8, DecodesAStreamAsItDecodesTheWhole) {
  std::mt19937 random(7);
  const std::string pieces[] = {"a",    "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80",
                                "\xFF", "\xE2",     "\x80",         "\xF0\x9F"};
  for (int round = 0; round < 500; ++round) {
    std::string whole;
    for (int i = 0; i < 12; ++i) whole += pieces[random() % std::size(pieces)];
    Utf8Decoder decoder;
    std::string text;
    for (std::size_t at = 0; at < whole.size();) {
      const std::size_t length = 1 + random() % 4;
      text += decoder.Feed(std::string_view(whole).substr(at, length));
      at += length;
    }
    text += decoder.Finish();
    ASSERT_EQ(text, ReplaceInvalidUtf8(whole));
    ASSERT_TRUE(IsValidUtf8(text));
  }
}

}  // namespace
}  // namespace oneshot::base
