#include "controller/delivery/start_pace.h"

#include <algorithm>

namespace oneshot::delivery {

constexpr std::size_t kKept = 8;

void StartPace::Record(base::Milliseconds took) {
  auto latest = latest_.Acquire();
  latest->push_back(took);
  if (latest->size() > kKept) latest->pop_front();
}

base::Milliseconds StartPace::FirstAttach() const {
  auto latest = latest_.Acquire();
  return latest->empty() ? base::Milliseconds(0) : *std::ranges::min_element(*latest) * 3 / 4;
}

}  // namespace oneshot::delivery
