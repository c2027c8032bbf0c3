// Files and input on their way to a runner.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/controller/delivery/run_channel_fixture.h"

namespace oneshot::delivery {
namespace {

using testing::ElementsAre;

TEST_F(RunChannelTest, FilesGoBeforeTheirRunInPartsUntilItHasBegun) {
  const std::string large(protocol::kMaxFilePart + 1, 'x');
  const auto part = [](const std::string& path, std::int64_t offset, const std::string& data) {
    return protocol::Encode(
        protocol::Command(protocol::FileCommand{.path = path, .offset = offset, .data = data}));
  };
  channel_.Expect(command_, 0);
  channel_.AllowDelivery({{"empty", ""}, {"large", large}});
  Open();
  Hear({kHasNoRun});
  const auto files = {part("empty", 0, ""), part("large", 0, large.substr(1)),
                      part("large", protocol::kMaxFilePart, "x")};
  std::vector<std::string> expected{Resume(0)};
  expected.insert(expected.end(), files.begin(), files.end());
  expected.push_back(request_);
  EXPECT_EQ(Last().written, expected);
  Cut();
  Open();
  Hear({kHasNoRun});
  EXPECT_EQ(Last().written, expected) << "what was lost is written again";
  EXPECT_GT(channel_.HeldFileBytes(), large.size());
  Hear({protocol::Started{.run_id = command_.run_id, .attempt = command_.attempt}});
  EXPECT_EQ(channel_.HeldFileBytes(), 0U);
}

TEST_F(RunChannelTest, InputThatWasNotAcknowledgedIsWantedOnTheNextLink) {
  const auto line = [](const protocol::Command& command) { return protocol::Encode(command); };
  const std::string first = line(protocol::StdinCommand{.seq = 0, .data = "a\n"});
  const std::string second = line(protocol::StdinCommand{.seq = 1, .data = "b\n"});
  const std::string end = line(protocol::StdinEofCommand{.seq = 2});
  channel_.Expect(command_, 0);
  EXPECT_GT(channel_.Look().wants_stdin_from, 1000) << "there is no run yet";
  channel_.AllowDelivery({});
  Open();
  Hear({kHasNoRun});
  EXPECT_EQ(channel_.Look().wants_stdin_from, 0);
  channel_.SendStdin(0, {{"a\n"}, {"b\n"}});
  EXPECT_THAT(Last().written, ElementsAre(Resume(0), request_, first, second));
  EXPECT_EQ(channel_.Look().wants_stdin_from, 2);
  Hear({protocol::StdinAck{.seq = 1}});
  Cut();
  Open();
  EXPECT_GT(channel_.Look().wants_stdin_from, 1000) << "nobody has answered yet";
  Hear({Resumed(0)});
  EXPECT_EQ(channel_.Look().wants_stdin_from, 1);
  channel_.SendStdin(1, {{"b\n"}, {.is_end = true}});
  EXPECT_THAT(Last().written, ElementsAre(Resume(0), second, end));
}

}  // namespace
}  // namespace oneshot::delivery
