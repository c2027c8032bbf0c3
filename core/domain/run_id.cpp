#include "core/domain/run_id.h"

#include <algorithm>
#include <cstdint>

namespace oneshot::domain {
namespace {

constexpr std::size_t kLength = 26;
constexpr std::size_t kTimeLength = 10;

}  // namespace

std::string NewRunId(base::WallTime now, base::Random& random) {
  auto milliseconds = static_cast<std::uint64_t>(
      std::chrono::duration_cast<base::Milliseconds>(now.time_since_epoch()).count());
  std::string id(kLength, '0');
  for (std::size_t i = kTimeLength; i-- > 0; milliseconds >>= 5) {
    id[i] = kIdAlphabet[milliseconds & 31];
  }
  // One byte a character wastes three bits of each and needs no carrying over.
  const std::string bytes = random.Bytes(kLength - kTimeLength);
  for (std::size_t i = kTimeLength; i < kLength; ++i) {
    id[i] = kIdAlphabet[static_cast<unsigned char>(bytes[i - kTimeLength]) & 31];
  }
  return id;
}

bool IsRunId(std::string_view text) {
  return text.size() == kLength && text[0] <= '7' &&
         std::ranges::all_of(text, [](char c) { return kIdAlphabet.find(c) != kIdAlphabet.npos; });
}

}  // namespace oneshot::domain
