#include "api/wire/cursor.h"

#include <gtest/gtest.h>

#include "core/domain/run_id.h"

namespace oneshot::api::wire {
namespace {

TEST(Cursor, ComesBackAndNeedsNoEncodingInAnAddress) {
  for (int i = 0; i < 200; ++i) {
    const std::string id = domain::NewRunId(std::chrono::system_clock::now());
    const std::string cursor = EncodeCursor(id);
    EXPECT_EQ(cursor.find_first_of("+/="), std::string::npos) << cursor;
    EXPECT_EQ(DecodeCursor(cursor), id);
  }
}

TEST(Cursor, AnythingElseIsNone) {
  for (const char* text : {"", "nonsense", "Yg==", "YjAx", "MDFqZHh4eHh4eHh4eHh4eHh4eHh4eHg="}) {
    EXPECT_EQ(DecodeCursor(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace oneshot::api::wire
