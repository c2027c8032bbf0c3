#include "core/domain/run_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oneshot::domain {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

auto FaultAt(const std::string& pointer, const std::string& code) {
  return AllOf(Field(&Fault::pointer, pointer), Field(&Fault::code, code));
}

RunSpec Spec() { return {.source = "print(6)", .stdin_data = "", .args = {}, .limits = {}}; }

TEST(CheckRunSpec, AcceptsTheDefaultsAndTheMaxima) {
  RunSpec spec = Spec();
  EXPECT_THAT(CheckRunSpec(spec, {}), IsEmpty());
  spec.limits = LimitPolicy{}.maxima;
  EXPECT_THAT(CheckRunSpec(spec, {}), IsEmpty());
  spec.source.clear();
  EXPECT_THAT(CheckRunSpec(spec, {}), IsEmpty()) << "an empty program is a program";
}

TEST(CheckRunSpec, AcceptsExactlyTheSizeLimit) {
  RunSpec spec = Spec();
  spec.source.assign(262'144, '#');
  EXPECT_THAT(CheckRunSpec(spec, {}), IsEmpty());
  spec.source += '#';
  const auto faults = CheckRunSpec(spec, {});
  EXPECT_THAT(faults, ElementsAre(FaultAt("/source", "too_large")));
  EXPECT_THAT(faults[0].detail, AllOf(HasSubstr("262145"), HasSubstr("262144")));
}

TEST(CheckRunSpec, NamesEveryFaultAtOnce) {
  RunSpec spec = Spec();
  spec.source = std::string("a\0b", 3);
  spec.stdin_data = "\xff";
  spec.args = {"fine", std::string("\0", 1)};
  spec.limits.wall_ms = 61'000;
  spec.limits.memory_mib = 1;
  EXPECT_THAT(CheckRunSpec(spec, {}), ElementsAre(FaultAt("/source", "invalid_characters"),
                                                  FaultAt("/stdin", "invalid_characters"),
                                                  FaultAt("/args/1", "invalid_characters"),
                                                  FaultAt("/limits/wall_seconds", "out_of_range"),
                                                  FaultAt("/limits/memory_mib", "out_of_range")));
}

TEST(CheckRunSpec, OutputsArePatternsAndNeedScratchSpace) {
  RunSpec spec = Spec();
  spec.limits.scratch_mib = 1;
  spec.outputs = {"*.csv", "plots/**", "main.py"};
  EXPECT_THAT(CheckRunSpec(spec, {}), IsEmpty());
  spec.outputs = {"", "/tmp/*", "../*", "a\nb", "fine"};
  EXPECT_THAT(
      CheckRunSpec(spec, {}),
      ElementsAre(FaultAt("/outputs/0", "invalid_path"), FaultAt("/outputs/1", "invalid_path"),
                  FaultAt("/outputs/2", "invalid_path"), FaultAt("/outputs/3", "invalid_path")));
  spec.outputs.assign(21, "*");
  EXPECT_THAT(CheckRunSpec(spec, {}), ElementsAre(FaultAt("/outputs", "too_large")));
  spec.outputs = {"*"};
  spec.limits.scratch_mib = 0;
  EXPECT_THAT(CheckRunSpec(spec, {}), ElementsAre(FaultAt("/limits/scratch_mib", "required")));
}

TEST(CheckRunSpec, CountsArgsAndTheirBytes) {
  RunSpec spec = Spec();
  spec.args.assign(65, "x");
  EXPECT_THAT(CheckRunSpec(spec, {}), ElementsAre(FaultAt("/args", "too_large")));
  spec.args.assign(2, std::string(10'000, 'x'));
  EXPECT_THAT(CheckRunSpec(spec, {}), ElementsAre(FaultAt("/args", "too_large")));
}

TEST(CheckLimits, TellsTheRangeInTheUnitOfTheField) {
  Limits limits;
  limits.wall_ms = 90'500;
  const auto faults = CheckLimits(limits, {});
  ASSERT_THAT(faults, ElementsAre(FaultAt("/limits/wall_seconds", "out_of_range")));
  EXPECT_EQ(faults[0].detail, "must be between 0.1 and 60 seconds");
}

}  // namespace
}  // namespace oneshot::domain
