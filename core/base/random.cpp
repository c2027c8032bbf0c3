#include "core/base/random.h"

#include <sys/random.h>

#include <cstdlib>
#include <random>

namespace oneshot::base {

std::string RandomBytes(std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t filled = 0;
  while (filled < size) {
    const ssize_t got = getrandom(bytes.data() + filled, size - filled, 0);
    if (got < 0) std::abort();
    filled += static_cast<std::size_t>(got);
  }
  return bytes;
}

double RandomFraction() {
  thread_local std::minstd_rand engine{std::random_device{}()};
  return std::uniform_real_distribution<double>(0.0, 1.0)(engine);
}

}  // namespace oneshot::base
