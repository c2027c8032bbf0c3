#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace oneshot::base {

/// `size` bytes, at most 256, from the kernel's generator (getentropy(3)). Ends the process if the
/// kernel has none to give.
std::string RandomBytes(std::size_t size);

/// A value in [0, 1) for jitter; not for secrets. Threads: any.
double RandomFraction();

/// Randomness as a dependency, so that a test can decide what it is. Threads: any.
class Random {
 public:
  virtual ~Random() = default;
  /// As RandomBytes.
  virtual std::string Bytes(std::size_t size) = 0;
  /// As RandomFraction.
  virtual double Fraction() = 0;
};

/// The two functions above. Lives as long as the process.
Random& SystemRandom();

}  // namespace oneshot::base
