#include "api/http/message.h"

#include <gtest/gtest.h>

namespace oneshot::api::http {
namespace {

TEST(Headers, CompareWithoutRegardToCase) {
  Request request;
  request.headers["content-TYPE"] = "a";
  EXPECT_EQ(request.Header("Content-Type"), "a");
  EXPECT_EQ(request.Header("Content-Typ"), "");
}

TEST(DecodePercent, DecodesOnceAndOnlyWhatIsWellFormed) {
  EXPECT_EQ(DecodePercent("a%20b%2525"), "a b%25");
  EXPECT_EQ(DecodePercent("%C3%a9"), "\xC3\xA9");
  for (const char* malformed : {"%", "%1", "%g0", "a%2"})
    EXPECT_EQ(DecodePercent(malformed), std::nullopt) << malformed;
}

TEST(ParseQuery, KeepsOrderAndRepetitions) {
  const QueryParameters expected{{"a", "1"}, {"b", ""}, {"a", "x y&z"}, {"", "c"}};
  EXPECT_EQ(ParseQuery("a=1&b&&a=x+y%26z&=c"), expected);
  EXPECT_EQ(ParseQuery(""), QueryParameters{});
  EXPECT_EQ(ParseQuery("a=%zz"), std::nullopt);
}

TEST(IsHeaderValue, RefusesWhatCouldEndTheLine) {
  EXPECT_TRUE(IsHeaderValue("attachment; filename=\"a\"\t\xC3\xA9"));
  for (const std::string& value : {std::string("a\r\nX: b"), std::string("a\nb"),
                                   std::string("a\0b", 3), std::string("\x7F")}) {
    EXPECT_FALSE(IsHeaderValue(value));
  }
}

}  // namespace
}  // namespace oneshot::api::http
