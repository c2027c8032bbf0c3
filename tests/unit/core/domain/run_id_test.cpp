#include "core/domain/run_id.h"

#include <gtest/gtest.h>

#include <set>

namespace oneshot::domain {
namespace {

const base::WallTime kNow{std::chrono::milliseconds(1'700'000'000'123)};

TEST(RunId, IsALowerCaseUlidThatKubernetesTakesInNames) {
  const std::string id = NewRunId(kNow);
  EXPECT_EQ(id.size(), 26U);
  EXPECT_TRUE(IsRunId(id));
  EXPECT_EQ(id.find_first_not_of("0123456789abcdefghjkmnpqrstvwxyz"), std::string::npos);
}

TEST(RunId, BeginsWithItsTimeSoThatIdsSort) {
  EXPECT_EQ(NewRunId(kNow).substr(0, 10), NewRunId(kNow).substr(0, 10));
  EXPECT_LT(NewRunId(kNow), NewRunId(kNow + std::chrono::milliseconds(1)));
  EXPECT_LT(NewRunId(kNow + std::chrono::hours(1)), NewRunId(kNow + std::chrono::hours(24 * 365)));
}

TEST(RunId, DiffersWithinOneMillisecond) {
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(NewRunId(kNow));
  EXPECT_EQ(ids.size(), 1000U);
}

TEST(RunId, RefusesWhatItNeverMakes) {
  const std::string good = NewRunId(kNow);
  for (const std::string& bad :
       {std::string(), good.substr(1), good + "0", "8" + good.substr(1), "i" + good.substr(1),
        good.substr(0, 25) + "U", good.substr(0, 25) + "/"}) {
    EXPECT_FALSE(IsRunId(bad)) << bad;
  }
}

}  // namespace
}  // namespace oneshot::domain
