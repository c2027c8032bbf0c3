#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "controller/delivery/inbox.h"
#include "core/base/sha256.h"
#include "core/protocol/codec.h"

namespace oneshot::delivery {

inline constexpr std::int64_t kMaxData = 10 << 20;

inline std::string Started(const std::string& run_id = "r", int attempt = 1) {
  return protocol::Encode(
      protocol::Record(protocol::Started{.run_id = run_id, .attempt = attempt}));
}
inline std::string Resumed(std::int64_t seq, const std::string& run_id = "r") {
  return protocol::Encode(protocol::Record(
      protocol::Resumed{.run_id = run_id, .attempt = run_id.empty() ? 0 : 1, .seq = seq}));
}
inline std::string Output(std::int64_t seq, const std::string& data) {
  return protocol::Encode(protocol::Record(protocol::Output{
      .seq = seq,
      .ms = 1,
      .pieces = {{.stream = protocol::Stream::kStdout, .data = data, .dropped_bytes = 0}}}));
}
inline std::string Finished(std::int64_t seq, const std::string& kept,
                            const std::string& run_id = "r") {
  protocol::Finished finished;
  finished.run_id = run_id;
  finished.attempt = run_id.empty() ? 0 : 1;
  finished.exit_code = 0;
  finished.seq = seq;
  base::Sha256 hash;
  hash.Update(kept);
  finished.sha256 = hash.HexDigest();
  return protocol::Encode(protocol::Record(finished));
}

class InboxTest : public testing::Test {
 protected:
  InboxTest() { Expect(); }

  void Expect(std::int64_t next_seq = 0, std::int64_t max_data_bytes = kMaxData) {
    inbox_ = {};
    inbox_.Expect("r", 1, next_seq, max_data_bytes);
  }
  /// A link hands lines over without their ends.
  void Feed(const std::vector<std::string>& lines) {
    for (const std::string& line : lines)
      inbox_.FeedLine(std::string_view(line).substr(0, line.find('\n')));
  }
  /// A link that the runner has answered on.
  void FeedAnswered(const std::vector<std::string>& lines) {
    inbox_.BeginLink();
    Feed({Resumed(inbox_.AskToResume())});
    Feed(lines);
    (void)inbox_.TakeWanted();
  }
  std::string Text() const {
    std::string text;
    for (const auto& record : inbox_.unstored()) {
      for (const auto& piece : record.pieces) text += piece.data;
    }
    return text;
  }
  const std::string& Fault() const { return inbox_.progress().fault; }

  Inbox inbox_;
};

}  // namespace oneshot::delivery
