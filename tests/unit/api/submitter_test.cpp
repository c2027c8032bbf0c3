#include "api/submitter.h"

#include <gtest/gtest.h>

namespace oneshot::api {
namespace {

std::string Of(const std::string& client) {
  return SubmitterOf({.headers = {{"x-forwarded-for", client}}});
}

TEST(Submitter, IsTheAddressThatNginxSaw) {
  EXPECT_EQ(Of("203.0.113.7"), "address:203.0.113.7");
  EXPECT_EQ(Of("::ffff:203.0.113.7"), "address:203.0.113.7");
}

// A client may use every address of its network.
TEST(Submitter, IsTheNetworkOfAnIpv6Client) {
  EXPECT_EQ(Of("2001:db8:1:2:3:4:5:6"), "address:2001:db8:1:2::/64");
  EXPECT_EQ(Of("2001:db8:1:2:ffff::9"), Of("2001:db8:1:2:3:4:5:6"));
  EXPECT_NE(Of("2001:db8:1:3::1"), Of("2001:db8:1:2::1"));
}

TEST(Submitter, IsUnknownWithoutAnAddress) {
  EXPECT_EQ(SubmitterOf({}), "unknown");
  EXPECT_EQ(Of("203.0.113.7, 198.51.100.1"), "unknown") << "nginx sends one";
  EXPECT_EQ(Of("'; DROP TABLE runs"), "unknown");
}

}  // namespace
}  // namespace oneshot::api
