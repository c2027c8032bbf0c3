#include "core/base/sha256.h"

#include <gtest/gtest.h>

#include <string>

namespace oneshot::base {
namespace {

std::string Digest(std::string_view bytes) {
  Sha256 sha;
  sha.Update(bytes);
  return sha.HexDigest();
}

// FIPS 180-4 examples, and sha256sum of the empty file.
TEST(Sha256, MatchesPublishedDigests) {
  EXPECT_EQ(Digest(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Digest("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(Digest(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, DoesNotDependOnHowTheBytesAreCut) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) bytes += static_cast<char>(i * 7);
  for (std::size_t length = 0; length <= bytes.size(); ++length) {
    Sha256 in_pieces;
    for (std::size_t at = 0; at < length; at += 13)
      in_pieces.Update(bytes.substr(at, std::min<std::size_t>(13, length - at)));
    EXPECT_EQ(in_pieces.HexDigest(), Digest(bytes.substr(0, length))) << length;
  }
}

TEST(Sha256, CanBeReadWhileItGrows) {
  Sha256 sha;
  sha.Update("a");
  EXPECT_EQ(sha.HexDigest(), Digest("a"));
  sha.Update("bc");
  EXPECT_EQ(sha.HexDigest(), Digest("abc"));
}

}  // namespace
}  // namespace oneshot::base
