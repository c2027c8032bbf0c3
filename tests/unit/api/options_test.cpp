#include "api/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace oneshot::api {
namespace {

using testing::HasSubstr;

base::Result<Options> Read(const std::string& text) {
  config::Document document = *config::Document::Parse(text, "config.yaml");
  return ReadOptions(document);
}

TEST(Options, NeedNothingButADatabase) {
  const auto options = Read("database: {url: postgresql://x}");
  ASSERT_TRUE(options);
  EXPECT_EQ(options->listener.address, "127.0.0.1:8081");
  EXPECT_EQ(options->queue.runs, 10'000);
}

TEST(Options, TheEnvironmentTellsAReplicaWhereToListen) {
  setenv("ONESHOT_LISTEN", "127.0.0.2:8081", 1);
  const auto options = Read("database: {url: postgresql://x}\napi: {listen: \"127.0.0.1:9000\"}");
  unsetenv("ONESHOT_LISTEN");
  ASSERT_TRUE(options);
  EXPECT_EQ(options->listener.address, "127.0.0.2:8081");
}

TEST(Options, LeaveTheControllersSectionsToIt) {
  EXPECT_TRUE(Read(R"(
database: {url: postgresql://x}
controller: {workers: 4}
kubernetes: {namespace: runs, job_ttl: 5m}
pool: {classes: [default]}
retention: {days: 30d}
)"));
}

TEST(Options, EveryFaultIsToldAtOnce) {
  const auto options =
      Read("api: {threads: 1, workerz: 3}\nlimits: {maxima: {wall_seconds: x}}\nwhat: 1\n");
  ASSERT_FALSE(options);
  for (const char* path :
       {"api.threads", "api.workerz", "limits.maxima.wall_seconds", "what", "database.url"}) {
    EXPECT_THAT(options.error().message, HasSubstr(path));
  }
}

}  // namespace
}  // namespace oneshot::api
