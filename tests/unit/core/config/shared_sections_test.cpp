#include "core/config/shared_sections.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace oneshot::config {
namespace {

using testing::HasSubstr;

Document Parse(const std::string& text) { return *Document::Parse(text, "config.yaml"); }

SharedOptions Read(Document& document) {
  SharedOptions options;
  ReadShared(document, options);
  return options;
}

TEST(Limits, AreThoseOfTheDomainUnlessConfigured) {
  Document document = Parse(
      "database: {url: 'postgresql://x'}\n"
      "limits: {maxima: {wall_seconds: 30}, defaults: {wall_seconds: 1.5}}");
  const domain::LimitPolicy policy = Read(document).limits;
  EXPECT_EQ(policy.maxima.wall_ms, 30'000);
  EXPECT_EQ(policy.defaults.wall_ms, 1'500);
  EXPECT_EQ(policy.maxima.memory_mib, domain::LimitPolicy{}.maxima.memory_mib);
  EXPECT_TRUE(document.Finish());
}

TEST(Limits, ADefaultAboveItsMaximumIsAFault) {
  Document document = Parse("limits: {maxima: {memory_mib: 128}}");
  Read(document);
  const base::Status status = document.Finish();
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("limits.defaults.memory_mib"));
}

TEST(Database, TheEnvironmentWinsOverTheFile) {
  Document document =
      Parse("database: {url: 'postgresql://file', connections: 3, call_timeout: 4s}");
  setenv("ONESHOT_DATABASE_URL", "postgresql://environment", /*overwrite=*/1);
  const DatabaseOptions options = Read(document).database;
  unsetenv("ONESHOT_DATABASE_URL");
  EXPECT_EQ(options.url, "postgresql://environment");
  EXPECT_EQ(options.connections, 3);
  EXPECT_EQ(options.call_timeout, std::chrono::seconds(4));
  EXPECT_TRUE(document.Finish());
}

TEST(Database, WithoutAUrlThereIsNothingToStart) {
  unsetenv("ONESHOT_DATABASE_URL");
  Document document = Parse("");
  Read(document);
  EXPECT_FALSE(document.Finish());
}

TEST(Log, AnUnknownLevelIsAFault) {
  Document document = Parse("database: {url: 'postgresql://x'}\nlog: {level: loud}");
  EXPECT_EQ(Read(document).log_level, telemetry::Level::kInfo);
  EXPECT_FALSE(document.Finish());
}

}  // namespace
}  // namespace oneshot::config
