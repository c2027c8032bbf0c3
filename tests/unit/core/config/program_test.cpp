#include "core/config/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <vector>

namespace oneshot::config {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// What a program did.
struct Ended {
  int exit_status{};
  std::string out;
  std::string err;
};

Ended Begin(
    std::vector<const char*> arguments,
    const Body& body = [](Document, std::stop_token) -> base::Result<int> { return 0; }) {
  arguments.insert(arguments.begin(), "/usr/local/bin/oneshot-test");
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Ended ended;
  ended.exit_status = RunProgram({.name = "oneshot-test", .purpose = "Tests"},
                                 static_cast<int>(arguments.size()), arguments.data(), body);
  ended.out = testing::internal::GetCapturedStdout();
  ended.err = testing::internal::GetCapturedStderr();
  return ended;
}

/// The name of a configuration file with this text, which is this test's own: others run beside it.
std::string FileWith(const std::string& text) {
  const std::string test = testing::UnitTest::GetInstance()->current_test_info()->name();
  const std::string name = testing::TempDir() + "oneshot-program-" + test + ".yaml";
  std::ofstream(name) << text;
  return name;
}

TEST(Program, WithoutAFileThereIsAUsage) {
  const std::vector<std::vector<const char*>> command_lines{
      {}, {"--config"}, {"config.yaml"}, {"--what"}};
  for (const auto& arguments : command_lines) {
    const Ended ended = Begin(arguments);
    EXPECT_EQ(ended.exit_status, 2);
    EXPECT_THAT(ended.err, StartsWith("oneshot-test: "));
    EXPECT_THAT(ended.err, HasSubstr("--config FILE"));
  }
}

TEST(Program, SaysWhichFileIsMissing) {
  const Ended ended = Begin({"--config", "/nowhere/config.yaml"});
  EXPECT_EQ(ended.exit_status, 2);
  EXPECT_THAT(ended.err, HasSubstr("oneshot-test: /nowhere/config.yaml"));
}

TEST(Program, HelpAndVersionAreNoErrors) {
  const Ended help = Begin({"--help"});
  EXPECT_EQ(help.exit_status, 0);
  EXPECT_THAT(help.out, HasSubstr("--config FILE"));
  const Ended version = Begin({"--version"});
  EXPECT_EQ(version.exit_status, 0);
  EXPECT_THAT(version.out, StartsWith("oneshot-test 0."));
}

TEST(Program, TheBodyReadsTheFileAndDecidesTheExitStatus) {
  const std::string file = FileWith("answer: 42");
  const Ended ended = Begin({"--config", file.c_str()},
                            [](Document document, std::stop_token) -> base::Result<int> {
                              int answer = 0;
                              document.Integer("answer", answer, 0, 100);
                              return answer;
                            });
  EXPECT_EQ(ended.exit_status, 42);
  EXPECT_EQ(ended.err, "");
}

TEST(Program, TellsAWrongConfigurationFromAFailedStart) {
  const std::string file = FileWith("typo: 1");
  const Ended wrong = Begin({"--config", file.c_str()},
                            [](Document document, std::stop_token) -> base::Result<int> {
                              return document.Finish().error();
                            });
  EXPECT_EQ(wrong.exit_status, 2);
  EXPECT_THAT(wrong.err, HasSubstr("typo (line 1): unknown key"));
  const Ended failed =
      Begin({"--config", file.c_str()}, [](Document, std::stop_token) -> base::Result<int> {
        return base::Error{base::ErrorCode::kUnavailable, "the address is in use"};
      });
  EXPECT_EQ(failed.exit_status, 1);
  EXPECT_EQ(failed.err, "oneshot-test: the address is in use\n");
}

}  // namespace
}  // namespace oneshot::config
