#include "api/wire/environment_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace oneshot::api::wire {
namespace {

TEST(Environment, IsWhatTheImageSaysPlusImageAndLimits) {
  const auto text =
      EnvironmentToJson(R"({"python": "3.11.2", "packages": [{"name": "pandas", "version": "2"}]})",
                        "python:1", domain::LimitPolicy{});
  ASSERT_TRUE(text);
  const auto json = nlohmann::json::parse(*text);
  EXPECT_EQ(json["python"], "3.11.2");
  EXPECT_EQ(json["packages"][0]["name"], "pandas");
  EXPECT_EQ(json["image"], "python:1");
  EXPECT_EQ(json["limits"]["defaults"]["wall_seconds"], 10);
  EXPECT_EQ(json["limits"]["maxima"]["memory_mib"], 1024);
  EXPECT_EQ(json["limits"]["source_bytes"], 262'144);
}

TEST(Environment, TheImageMayNameItself) {
  const auto text =
      EnvironmentToJson(R"({"image": "python@sha256:1"})", "python:1", domain::LimitPolicy{});
  EXPECT_EQ(nlohmann::json::parse(*text)["image"], "python@sha256:1");
}

TEST(Environment, WhatIsNoObjectIsRefused) {
  for (const char* facts : {"", "[]", "{", "3"})
    EXPECT_FALSE(EnvironmentToJson(facts, "", {})) << facts;
}

}  // namespace
}  // namespace oneshot::api::wire
