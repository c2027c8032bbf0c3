#include "core/telemetry/log.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

namespace oneshot::telemetry {
namespace {

/// What `event` writes to stderr.
template <typename Event>
std::string Captured(Event event) {
  testing::internal::CaptureStderr();
  event();
  return testing::internal::GetCapturedStderr();
}

TEST(Log, WritesOneJsonLineWithTheFactsInFields) {
  const std::string line = Captured([] {
    Log(Level::kWarning, "run interrupted",
        {{"run_id", "01j"},
         {"attempt", 2},
         {"ms", 1.5},
         {"final", false},
         {"error", std::string("a \"b\"\nc")}});
  });
  ASSERT_EQ(line.find('\n'), line.size() - 1);
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["level"], "warning");
  EXPECT_EQ(json["message"], "run interrupted");
  EXPECT_EQ(json["run_id"], "01j");
  EXPECT_EQ(json["attempt"], 2);
  EXPECT_EQ(json["ms"], 1.5);
  EXPECT_EQ(json["final"], false);
  EXPECT_EQ(json["error"], "a \"b\"\nc");
  EXPECT_EQ(json["time"].get<std::string>().back(), 'Z');
}

TEST(Log, ReplacesWhatIsNotUtf8AndLeavesBracesAlone) {
  const std::string line = Captured([] {
    Log(Level::kError, "{} %v",
        {{"error", "a\xff{}"}, {"rate", std::numeric_limits<double>::quiet_NaN()}});
  });
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["message"], "{} %v");
  EXPECT_EQ(json["error"], "a\xEF\xBF\xBD{}");
  EXPECT_TRUE(json["rate"].is_null());
}

TEST(Log, DropsWhatIsBelowTheLevel) {
  EXPECT_EQ(Captured([] { Log(Level::kDebug, "quiet"); }), "");
  SetLogLevel(Level::kDebug);
  EXPECT_NE(Captured([] { Log(Level::kDebug, "loud"); }), "");
  SetLogLevel(Level::kInfo);
}

TEST(Log, KnowsTheWordsOfTheConfiguration) {
  EXPECT_EQ(ParseLevel("warning"), Level::kWarning);
  EXPECT_EQ(ParseLevel("warn"), std::nullopt);
}

}  // namespace
}  // namespace oneshot::telemetry
