#include "api/database_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "tests/support/hand_clock.h"
#include "tests/support/wait_until.h"

namespace oneshot::api {
namespace {

using base::Status;
using testing::HasSubstr;
using testing::Not;

TEST(DatabaseWatch, IsReadyOnceTheDatabaseIsPrepared) {
  const test::HandClock clock;
  const DatabaseWatch watch([] { return Status(); }, [] { return Status(); }, clock);
  EXPECT_TRUE(test::WaitUntil([&] { return bool(watch.Readiness()); }, "readiness"));
}

TEST(DatabaseWatch, DoesNotShowWhatLibpqSays) {
  std::promise<void> asked_again;
  int asked = 0;
  const auto refuse = [&]() -> Status {
    if (++asked == 2) asked_again.set_value();
    return base::Error{base::ErrorCode::kUnavailable, "user \"one\""};
  };
  const test::HandClock clock;
  const DatabaseWatch watch(refuse, refuse, clock);
  asked_again.get_future().wait();
  const Status readiness = watch.Readiness();
  ASSERT_FALSE(readiness);
  EXPECT_THAT(readiness.error().message, Not(HasSubstr("one")));
}

// Review R4: /readyz repeated its last answer for as long as the next check hung.
TEST(DatabaseWatch, ACheckThatHangsIsNoAnswer) {
  test::HandClock clock;
  std::promise<void> hanging;
  std::promise<void> released;
  bool is_second = false;
  const auto ping = [&]() -> Status {
    if (std::exchange(is_second, true)) return {};
    hanging.set_value();
    released.get_future().wait();
    return {};
  };
  const DatabaseWatch watch([] { return Status(); }, ping, clock);
  hanging.get_future().wait();
  EXPECT_TRUE(watch.Readiness()) << "as the preparation left it";
  clock.now += DatabaseWatch::kFresh + std::chrono::seconds(1);
  EXPECT_FALSE(watch.Readiness());
  released.set_value();
  EXPECT_TRUE(test::WaitUntil([&] { return bool(watch.Readiness()); }, "readiness"));
}

}  // namespace
}  // namespace oneshot::api
