#include "api/secret.h"

#include <algorithm>

#include "core/base/sha256.h"
#include "core/domain/run_id.h"

namespace oneshot::api {
namespace {

constexpr std::size_t kLength = 32;

}  // namespace

std::string NewSecret(base::Random& random) {
  std::string secret = random.Bytes(kLength);
  for (char& c : secret) c = domain::kIdAlphabet[static_cast<unsigned char>(c) & 31];
  return secret;
}

bool IsSecret(std::string_view text) {
  return text.size() == kLength && std::ranges::all_of(text, [](char c) {
           return domain::kIdAlphabet.find(c) != domain::kIdAlphabet.npos;
         });
}

std::string HashOfSecret(std::string_view secret) {
  base::Sha256 digest;
  digest.Update(secret);
  return digest.HexDigest();
}

bool IsSecretOf(std::string_view text, std::string_view hash) {
  const std::string other = HashOfSecret(text);
  if (other.size() != hash.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < hash.size(); ++i)
    difference |= static_cast<unsigned char>(other[i]) ^ static_cast<unsigned char>(hash[i]);
  return difference == 0;
}

}  // namespace oneshot::api
