#include "core/base/random.h"

#include <unistd.h>

#include <cstdlib>
#include <random>

namespace oneshot::base {

std::string RandomBytes(std::size_t size) {
  std::string bytes(size, '\0');
  if (getentropy(bytes.data(), size) != 0) std::abort();
  return bytes;
}

double RandomFraction() {
  thread_local std::minstd_rand engine{std::random_device{}()};
  return std::uniform_real_distribution<double>(0.0, 1.0)(engine);
}

Random& SystemRandom() {
  class System final : public Random {
   public:
    std::string Bytes(std::size_t size) override { return RandomBytes(size); }
    double Fraction() override { return RandomFraction(); }
  };
  static System random;
  return random;
}

}  // namespace oneshot::base
