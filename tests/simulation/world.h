#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "tests/simulation/choices.h"

namespace oneshot::simulation {

using base::Milliseconds;
using base::MonotonicTime;
using std::chrono::microseconds;

/// Virtual time, what happens at which moment of it, and what is told about it. Everything of one
/// schedule shares one.
class World final : public base::Clock {
 public:
  World(std::uint64_t seed, const Choices::Places& calmed, bool is_traced)
      : choices(seed, calmed), is_traced_(is_traced) {}

  base::MonotonicTime Monotonic() const override { return now_; }
  /// The time of the database's machine.
  base::WallTime Wall() const override {
    return base::WallTime(std::chrono::hours(24 * 365 * 50)) +
           std::chrono::duration_cast<base::WallTime::duration>(now_.time_since_epoch());
  }
  MonotonicTime now() const { return now_; }

  void At(MonotonicTime when, std::function<void()> act);
  void After(std::chrono::nanoseconds pause, std::function<void()> act) {
    At(now_ + pause, std::move(act));
  }
  /// Lets the next thing happen. False when nothing is to happen until `limit`.
  bool Step(MonotonicTime limit);

  /// A promise was broken; the first time counts. `invariant` is a stable word.
  void Violate(std::string_view invariant, std::string detail);
  bool IsViolated() const { return !invariant_.empty(); }
  const std::string& invariant() const { return invariant_; }
  const std::string& detail() const { return detail_; }
  /// Only violations of this one count; empty: all.
  std::string only_invariant;

  bool IsTraced() const { return is_traced_; }
  void Note(std::string_view actor, std::string_view what);
  const std::string& notes() const { return notes_; }

  /// True once the faults are over.
  bool is_calm{false};
  Choices choices;

 private:
  struct Event {
    MonotonicTime when;
    std::uint64_t number;
    /// In acts_.
    std::size_t place;
    /// Of a heap with the earliest on top.
    bool operator<(const Event& other) const {
      return when != other.when ? when > other.when : number > other.number;
    }
  };

  const bool is_traced_;
  // Not zero, which some take for never.
  MonotonicTime now_{std::chrono::hours(1)};
  std::uint64_t made_{0};
  std::vector<Event> events_;
  std::vector<std::function<void()>> acts_;
  /// Places of acts_ that are free.
  std::vector<std::size_t> free_;
  std::string invariant_;
  std::string detail_;
  std::string notes_;
};

}  // namespace oneshot::simulation
