#include "api/wire/time.h"

#include <gtest/gtest.h>

namespace oneshot::api::wire {
namespace {

TEST(FormatTime, IsRfc3339InUtcWithMilliseconds) {
  const base::WallTime epoch{};
  EXPECT_EQ(FormatTime(epoch), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(FormatTime(epoch + std::chrono::milliseconds(1'795'410'000'007)),
            "2026-11-23T05:00:00.007Z");
  EXPECT_EQ(FormatTime(epoch + std::chrono::microseconds(999'999)), "1970-01-01T00:00:00.999Z");
  EXPECT_EQ(FormatTime(epoch - std::chrono::milliseconds(1)), "1969-12-31T23:59:59.999Z");
}

}  // namespace
}  // namespace oneshot::api::wire
