#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace oneshot::simulation {

/// What can go wrong. A schedule has a few of them, so that each is also seen alone.
enum class Fault {
  kStoreDown,
  kStoreUnknown,
  kStoreSlow,
  kApiDown,
  kApiUnknown,
  kApiSlow,
  kJobController,
  kWatch,
  kNode,
  kContainerd,
  kLogLost,
  kLogLate,
  kAttachCut,
  kEviction,
  kLiar,
  kFailover,
  kKill,
  kPause,
  kSkew,
};

inline constexpr std::array<std::pair<Fault, std::string_view>, 19> kFaults{{
    {Fault::kStoreDown, "store-down"},
    {Fault::kStoreUnknown, "store-unknown"},
    {Fault::kStoreSlow, "store-slow"},
    {Fault::kApiDown, "api-down"},
    {Fault::kApiUnknown, "api-unknown"},
    {Fault::kApiSlow, "api-slow"},
    {Fault::kJobController, "job-controller"},
    {Fault::kWatch, "watch"},
    {Fault::kNode, "node"},
    {Fault::kContainerd, "containerd"},
    {Fault::kLogLost, "log-lost"},
    {Fault::kLogLate, "log-late"},
    {Fault::kAttachCut, "attach-cut"},
    {Fault::kEviction, "eviction"},
    {Fault::kLiar, "liar"},
    {Fault::kFailover, "failover"},
    {Fault::kKill, "kill"},
    {Fault::kPause, "pause"},
    {Fault::kSkew, "skew"},
}};

/// A set of faults.
class FaultSet {
 public:
  static FaultSet All() { return FaultSet(~0U); }
  static FaultSet None() { return FaultSet(0); }
  /// From names separated by commas; empty when one of them is unknown.
  static std::optional<FaultSet> Parse(std::string_view names) {
    FaultSet set = None();
    while (!names.empty()) {
      const auto name = names.substr(0, names.find(','));
      names.remove_prefix(std::min(names.size(), name.size() + 1));
      bool is_known = false;
      for (const auto& [fault, known] : kFaults) {
        if (name == known) set.Add(fault);
        is_known = is_known || name == known;
      }
      if (!is_known) return std::nullopt;
    }
    return set;
  }

  void Add(Fault fault) { bits_ |= 1U << static_cast<unsigned>(fault); }
  bool Has(Fault fault) const { return (bits_ >> static_cast<unsigned>(fault) & 1U) != 0; }
  bool IsEmpty() const { return bits_ == 0; }

 private:
  explicit FaultSet(std::uint32_t bits) : bits_(bits) {}
  std::uint32_t bits_;
};

}  // namespace oneshot::simulation
