#pragma once

#include <deque>
#include <functional>
#include <string>
#include <utility>

#include "controller/queue/lanes.h"

namespace oneshot::test {

/// Calls that may block, run when the test says so. Threads: one.
class BackgroundCalls final : public queue::Background {
 public:
  struct Call {
    std::string lane;
    std::function<void()> run;
  };

  void Post(const std::string& lane, std::function<void()> call) override {
    waiting.push_back({.lane = lane, .run = std::move(call)});
  }

  /// Runs what waits, and what that posts.
  void RunAll() {
    while (!waiting.empty()) {
      const Call call = std::move(waiting.front());
      waiting.pop_front();
      call.run();
    }
  }

  std::deque<Call> waiting;
};

}  // namespace oneshot::test
