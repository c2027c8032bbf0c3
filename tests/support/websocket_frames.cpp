#include "tests/support/websocket_frames.h"

#include <openssl/sha.h>

#include "core/base/base64.h"

namespace oneshot::test {

std::string UpgradeAnswer(std::string_view key, std::string_view protocol) {
  const std::string proof = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(proof.data()), proof.size(), digest);
  const std::string_view bytes(reinterpret_cast<const char*>(digest), sizeof digest);
  return "HTTP/1.1 101 -\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
         base::Base64Encode(bytes) + "\r\nSec-WebSocket-Protocol: " + std::string(protocol) +
         "\r\n\r\n";
}

std::string EncodeFrame(const Frame& frame) {
  std::string bytes;
  bytes.push_back(static_cast<char>((frame.final_fragment ? 0x80 : 0) |
                                    static_cast<std::uint8_t>(frame.opcode)));
  const std::size_t size = frame.payload.size();
  int size_bytes = 0;
  if (size < 126) {
    bytes.push_back(static_cast<char>(size));
  } else {
    size_bytes = size <= 0xffff ? 2 : 8;
    bytes.push_back(static_cast<char>(size_bytes == 2 ? 126 : 127));
  }
  for (int i = size_bytes - 1; i >= 0; --i) {
    bytes.push_back(static_cast<char>(static_cast<std::uint64_t>(size) >> (8 * i)));
  }
  return bytes + frame.payload;
}

std::string EncodeMessage(int channel, std::string_view payload) {
  Frame frame;
  frame.payload.push_back(static_cast<char>(channel));
  frame.payload.append(payload);
  return EncodeFrame(frame);
}

std::optional<Frame> TakeFrame(std::string* bytes) {
  const auto byte = [bytes](std::size_t at) { return static_cast<std::uint8_t>((*bytes)[at]); };
  if (bytes->size() < 2) return std::nullopt;
  std::uint64_t size = byte(1) & 0x7f;
  std::size_t at = 2;
  const int size_bytes = size == 126 ? 2 : size == 127 ? 8 : 0;
  if (bytes->size() < at + size_bytes + 4) return std::nullopt;
  if (size_bytes > 0) size = 0;
  for (int i = 0; i < size_bytes; ++i) size = size << 8 | byte(at++);
  const std::size_t mask = at;
  at += 4;
  if (bytes->size() < at + size) return std::nullopt;
  Frame frame;
  frame.final_fragment = (byte(0) & 0x80) != 0;
  frame.opcode = static_cast<Opcode>(byte(0) & 0x0f);
  frame.payload = bytes->substr(at, size);
  for (std::size_t i = 0; i < frame.payload.size(); ++i) {
    frame.payload[i] = static_cast<char>(frame.payload[i] ^ (*bytes)[mask + i % 4]);
  }
  bytes->erase(0, at + size);
  return frame;
}

}  // namespace oneshot::test
