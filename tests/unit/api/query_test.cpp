#include "api/handlers/query.h"

#include <gtest/gtest.h>

namespace oneshot::api {
namespace {

http::Request With(const std::string& query) {
  http::Request request;
  request.query = query;
  return request;
}

std::vector<std::string> FaultyNames(Query& query) {
  std::vector<std::string> names;
  for (const auto& error : query.Finish()) names.push_back(error.name);
  return names;
}

using Names = std::vector<std::string>;

TEST(Query, ReadsNumbersInTheirRange) {
  const http::Request request = With("wait=2.5");
  Query query(request);
  EXPECT_EQ(query.Number("wait", 0, 0, 60), 2.5);
  EXPECT_EQ(query.Number("limit", 50, 1, 100), 50);
  EXPECT_EQ(FaultyNames(query), Names{});
}

TEST(Query, RefusesWhatIsNoNumberInRange) {
  for (const char* text :
       {"wait=", "wait=x", "wait=-1", "wait=61", "wait=1e9", "wait=nan", "wait=1%20"}) {
    const http::Request request = With(text);
    Query query(request);
    EXPECT_EQ(query.Number("wait", 0, 0, 60), 0);
    EXPECT_EQ(FaultyNames(query), Names{"wait"}) << text;
  }
}

TEST(Query, NamesWhatIsUnknownOrTwiceThere) {
  const http::Request request = With("a=1&b=2&a=3");
  Query query(request);
  query.Text("a");
  EXPECT_EQ(FaultyNames(query), (Names{"a", "b"}));
}

TEST(Query, MalformedEncodingIsAFault) {
  const http::Request request = With("a=%");
  Query query(request);
  EXPECT_EQ(FaultyNames(query), Names{"query"});
}

}  // namespace
}  // namespace oneshot::api
