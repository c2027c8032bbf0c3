/// SHA-256 (FIPS 180-4), fed in pieces. Here so that the runner stays one small static binary
/// without OpenSSL. A check against loss and mix-ups, not a secret: timing is no concern.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace oneshot::base {

class Sha256 {
 public:
  void Update(std::string_view bytes);

  /// The digest of everything fed so far, as 64 lower-case hexadecimal digits. More may be fed
  /// afterwards.
  std::string HexDigest() const;

 private:
  void Compress(const unsigned char* block);

  std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  /// Less than a block.
  std::string pending_;
  std::uint64_t total_bytes_ = 0;
};

}  // namespace oneshot::base
