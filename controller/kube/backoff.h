#pragma once

#include <chrono>

namespace oneshot::kube {

/// Growing, jittered pauses between attempts. The first pause is `first`, each next one twice as
/// long up to `cap`; each is stretched by up to its own length, so that many clients do not return
/// in step. Source: client-go tools/cache/reflector.go (800 ms, factor 2, cap 30 s, jitter 1.0).
/// Threads: one at a time.
class Backoff {
 public:
  Backoff(std::chrono::milliseconds first, std::chrono::milliseconds cap);

  std::chrono::milliseconds Next();
  void Reset() { next_ = first_; }

 private:
  std::chrono::milliseconds first_;
  std::chrono::milliseconds cap_;
  std::chrono::milliseconds next_;
};

}  // namespace oneshot::kube
