#pragma once

#include <algorithm>
#include <cstdint>
#include <unordered_set>
#include <vector>

namespace oneshot::simulation {

/// splitmix64: one multiplication chain, every output of every input known for ever.
inline std::uint64_t Mix(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

/// Who chooses. Each has a tape of its own, so that a choice that is taken away moves no other's.
enum class Chooser : std::uint32_t {
  kSchedule,
  kUser,
  kCluster,
  kRunner,
  kControllerA,
  kControllerB
};

/// Every choice of one schedule, drawn from one seed. The calm choice is always 0 or false: a
/// schedule whose choices are all calm has no faults, no delays, and nothing in it that is not
/// necessary. Shrinking a schedule is making its choices calm while it still fails.
class Choices {
 public:
  /// Where a choice stands: chooser and number.
  using Place = std::uint64_t;
  using Places = std::unordered_set<Place>;

  /// The choices at `calmed` are calm whatever the seed says.
  Choices(std::uint64_t seed, const Places& calmed) : seed_(seed), calmed_(calmed) {}

  /// From now on every choice is calm.
  void Calm() { is_calm_ = true; }

  /// True once in `odds` calls.
  bool OneIn(Chooser chooser, std::uint64_t odds) {
    return Draw(chooser, [odds](std::uint64_t bits) { return bits % odds == 0 ? 1 : 0; }) != 0;
  }
  /// 0 up to `limit`, which is not among them.
  std::int64_t Below(Chooser chooser, std::int64_t limit) {
    return Draw(chooser, [limit](std::uint64_t bits) {
      return static_cast<std::int64_t>(bits % static_cast<std::uint64_t>(limit));
    });
  }
  /// 0 up to `limit`, small ones as likely as large ones: 1 to 10 as often as 10 to 100.
  std::int64_t Scaled(Chooser chooser, std::int64_t limit) {
    return Draw(chooser, [limit](std::uint64_t bits) {
      std::int64_t scale = limit;
      for (std::uint64_t steps = bits & 7; steps > 0 && scale > 4; --steps) scale /= 4;
      return static_cast<std::int64_t>((bits >> 8) % static_cast<std::uint64_t>(scale + 1));
    });
  }

  /// Those that were not calm, in the order in which they were made.
  const std::vector<Place>& taken() const { return taken_; }

 private:
  template <typename Function>
  std::int64_t Draw(Chooser chooser, const Function& function) {
    const auto number = counts_[static_cast<std::size_t>(chooser)]++;
    if (is_calm_) return 0;
    const Place place = static_cast<Place>(chooser) << 32 | number;
    if (!calmed_.empty() && calmed_.contains(place)) return 0;
    const std::int64_t choice = function(Mix(Mix(seed_) ^ place));
    if (choice != 0) taken_.push_back(place);
    return choice;
  }

  const std::uint64_t seed_;
  const Places& calmed_;
  bool is_calm_{false};
  std::uint64_t counts_[6]{};
  std::vector<Place> taken_;
};

}  // namespace oneshot::simulation
