/// WebSocket frames (RFC 6455) as a server writes and reads them, and Kubernetes' channel byte in
/// front of each payload.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace oneshot::test {

enum class Opcode : std::uint8_t {
  kContinuation = 0,
  kText = 1,
  kBinary = 2,
  kClose = 8,
  kPing = 9,
  kPong = 10
};

struct Frame {
  Opcode opcode{Opcode::kBinary};
  bool final_fragment{true};
  std::string payload;
};

/// The 101 answer to a request whose Sec-WebSocket-Key is `key`.
std::string UpgradeAnswer(std::string_view key, std::string_view protocol = "v5.channel.k8s.io");

std::string EncodeFrame(const Frame& frame);

/// A binary message with `channel` (0 stdin, 1 stdout, 2 stderr, 3 status) in front.
std::string EncodeMessage(int channel, std::string_view payload);

/// Takes the first whole frame, which a client has masked, off `bytes`; empty while it is
/// incomplete.
std::optional<Frame> TakeFrame(std::string* bytes);

}  // namespace oneshot::test
