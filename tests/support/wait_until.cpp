#include "tests/support/wait_until.h"

#include <gtest/gtest.h>

#include <thread>

namespace oneshot::test {

bool WaitUntil(const std::function<bool()>& holds, const std::string& what,
               std::chrono::milliseconds patience) {
  constexpr std::chrono::milliseconds kLookAgain{2};
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() >= deadline) {
      ADD_FAILURE() << "waited " << patience.count() << " ms in vain for: " << what;
      return false;
    }
    std::this_thread::sleep_for(kLookAgain);
  }
  return true;
}

}  // namespace oneshot::test
