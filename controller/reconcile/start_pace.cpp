#include "controller/reconcile/start_pace.h"

#include <algorithm>

namespace oneshot::reconcile {

void StartPace::Record(base::Milliseconds took) {
  auto state = state_.Acquire();
  state->latest[state->recorded++ % kKept] = took;
}

base::Milliseconds StartPace::FirstAttach() const {
  auto state = state_.Acquire();
  const auto known = static_cast<std::ptrdiff_t>(std::min(state->recorded, kKept));
  if (known == 0) return base::Milliseconds(0);
  return *std::min_element(state->latest.begin(), state->latest.begin() + known) * 3 / 4;
}

}  // namespace oneshot::reconcile
