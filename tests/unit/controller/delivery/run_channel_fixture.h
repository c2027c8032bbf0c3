#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "controller/delivery/run_channel.h"
#include "core/protocol/codec.h"
#include "tests/support/fake_attach_client.h"
#include "tests/support/hand_clock.h"

namespace oneshot::delivery {

class RunChannelTest : public testing::Test {
 protected:
  RunChannelTest() : channel_(attacher_, clock_) {
    clock_.now = base::MonotonicTime{std::chrono::seconds(100)};
    channel_.SetOnEvent([this] { ++events_; });
    command_.run_id = "r";
    request_ = protocol::Encode(protocol::Command(command_));
  }
  // Members: a fixture of the same program has functions of these names.
  static std::string Resume(std::int64_t seq) {
    return protocol::Encode(protocol::Command(protocol::ResumeCommand{.seq = seq}));
  }
  static std::string Ack(std::int64_t seq) {
    return protocol::Encode(protocol::Command(protocol::AckCommand{.seq = seq}));
  }
  static protocol::Record Resumed(std::int64_t seq, const std::string& run_id = "r") {
    return protocol::Resumed{.run_id = run_id, .attempt = run_id.empty() ? 0 : 1, .seq = seq};
  }
  inline static const protocol::Record kHasNoRun = Resumed(0, "");
  static protocol::Record Output(std::int64_t seq) {
    return protocol::Output{
        .seq = seq,
        .ms = 1,
        .pieces = {{.stream = protocol::Stream::kStdout, .data = "x", .dropped_bytes = 0}}};
  }
  static protocol::Record Finished(std::int64_t seq) {
    return protocol::Finished{.run_id = "r", .attempt = 1, .seq = seq};
  }

  test::FakeAttachClient::Attach& Last() { return *attacher_.attaches.back(); }
  void Open() {
    channel_.Connect("pod");
    Last().handlers.on_open();
  }
  void Hear(const std::vector<protocol::Record>& records) {
    std::vector<std::string> lines;
    for (const protocol::Record& record : records) {
      lines.push_back(protocol::Encode(record));
      lines.back().pop_back();
    }
    Last().handlers.on_lines(lines);
  }
  void Cut() { Last().handlers.on_closed({base::ErrorCode::kUnavailable, "cut"}); }
  /// A later controller has some of the output, so that no checksum is looked at.
  void Adopt(std::int64_t next_seq) { channel_.Expect(command_, next_seq); }

  test::HandClock clock_;
  test::FakeAttachClient attacher_;
  int events_{0};
  RunChannel channel_;
  protocol::RunCommand command_;
  std::string request_;
};

}  // namespace oneshot::delivery
