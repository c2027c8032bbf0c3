#include <gtest/gtest.h>

#include <ostream>

#include "tests/simulation/explore.h"

namespace oneshot::simulation {
namespace {

/// A schedule that once broke a promise.
struct Found {
  /// What it found: a number of the review, or a few words.
  const char* finding;
  std::uint64_t seed;
  /// Null: all.
  const char* faults;

  friend void PrintTo(const Found& found, std::ostream* out) { *out << found.finding; }
};

class FoundSeeds : public testing::TestWithParam<Found> {};

TEST_P(FoundSeeds, KeepsEveryPromise) {
  const auto faults =
      GetParam().faults == nullptr ? FaultSet::All() : *FaultSet::Parse(GetParam().faults);
  const ScheduleResult result = Replay(GetParam().seed, {.faults = faults});
  EXPECT_EQ(result.invariant, "") << result.detail << "\n" << result.notes;
}

// A seed means the same schedule only as long as the code asks the same questions in the same
// order; later it is one more schedule of the kind that found something.
INSTANTIATE_TEST_SUITE_P(
    All, FoundSeeds,
    testing::Values(Found{"R1", 4, "containerd"},                         //
                    Found{"R2", 86, "kill"},                              //
                    Found{"R2 twice", 156, "pause"},                      //
                    Found{"R3", 388, "log-late,attach-cut"},              //
                    Found{"R6", 14007, "pause"},                          //
                    Found{"R7", 865, "watch,pause"},                      //
                    Found{"R8", 22, "job-controller"},                    //
                    Found{"R11", 333, "store-slow,node"},                 //
                    Found{"R17", 38, ""},                                 //
                    Found{"woken and impatient", 430, "pause,watch"},     //
                    Found{"refused for ever", 32043, "failover"},         //
                    Found{"the Job of a lost claim", 31100, "failover"},  //
                    // The oracle, of an adopted attempt whose pod is lost.
                    Found{"blamed for what nobody knew", 10554809, nullptr},
                    // The model, which gave two pods one name.
                    Found{"an old pod's word", 41042049, nullptr},
                    // The model, whose new watch waited for what the hung one had to tell.
                    Found{"a watch that hangs on", 100121233, nullptr},
                    // The oracle, of a log that containerd lost while no controller
                    // came for the result as long as the runner held it.
                    Found{"nobody came for it", 200647895, nullptr},
                    Found{"two Jobs of one name", 301846877, nullptr},
                    Found{"one attempt of two Jobs", 404724803, nullptr}));

TEST(Schedules, AreTheSameForTheSameSeed) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const ScheduleResult first = Replay(seed, {});
    const ScheduleResult second = Replay(seed, {});
    ASSERT_EQ(first.notes, second.notes) << "seed " << seed;
    ASSERT_EQ(first.choices, second.choices) << "seed " << seed;
  }
}

TEST(Schedules, WithoutChoicesNothingGoesWrong) {
  Equipment equipment;
  const ScheduleResult drawn = PlaySchedule(1, {}, {}, /*is_traced=*/false, equipment);
  const Choices::Places all(drawn.choices.begin(), drawn.choices.end());
  const ScheduleResult calm = PlaySchedule(1, {}, all, /*is_traced=*/true, equipment);
  EXPECT_EQ(calm.invariant, "") << calm.notes;
  EXPECT_LT(calm.choices.size(), drawn.choices.size());
}

TEST(FaultSet, IsReadFromNames) {
  const auto some = FaultSet::Parse("kill,watch");
  ASSERT_TRUE(some);
  EXPECT_TRUE(some->Has(Fault::kKill) && some->Has(Fault::kWatch));
  EXPECT_FALSE(some->Has(Fault::kNode));
  EXPECT_TRUE(FaultSet::Parse("")->IsEmpty());
  EXPECT_FALSE(FaultSet::Parse("kill,earthquake"));
}

}  // namespace
}  // namespace oneshot::simulation
