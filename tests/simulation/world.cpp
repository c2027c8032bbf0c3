#include "tests/simulation/world.h"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace oneshot::simulation {

void World::At(MonotonicTime when, std::function<void()> act) {
  std::size_t place = acts_.size();
  if (free_.empty()) {
    acts_.push_back(std::move(act));
  } else {
    place = free_.back();
    free_.pop_back();
    acts_[place] = std::move(act);
  }
  events_.push_back({std::max(when, now_), ++made_, place});
  std::push_heap(events_.begin(), events_.end());
}

bool World::Step(MonotonicTime limit) {
  if (events_.empty() || events_.front().when > limit) {
    now_ = std::max(now_, limit);
    return false;
  }
  std::pop_heap(events_.begin(), events_.end());
  const Event event = events_.back();
  events_.pop_back();
  now_ = event.when;
  const std::function<void()> act = std::exchange(acts_[event.place], nullptr);
  free_.push_back(event.place);
  act();
  return true;
}

void World::Violate(std::string_view invariant, std::string detail) {
  if (!invariant_.empty()) return;
  if (!only_invariant.empty() && only_invariant != invariant) return;
  if (is_traced_) Note("VIOLATION", std::string(invariant) + ": " + detail);
  invariant_ = invariant;
  detail_ = std::move(detail);
}

void World::Note(std::string_view actor, std::string_view what) {
  if (!is_traced_) return;
  char line[64];
  const auto since = now_ - MonotonicTime(std::chrono::hours(1));
  std::snprintf(line, sizeof(line), "%10.4f  %-12.*s ",
                std::chrono::duration<double>(since).count(), static_cast<int>(actor.size()),
                actor.data());
  notes_ += line;
  notes_ += what;
  notes_ += '\n';
}

}  // namespace oneshot::simulation
