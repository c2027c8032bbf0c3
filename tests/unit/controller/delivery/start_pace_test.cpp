// When an attach begins to have a chance, learned from the latest starts.
#include "controller/delivery/start_pace.h"

#include <gtest/gtest.h>

namespace oneshot::delivery {
namespace {

using base::Milliseconds;

TEST(StartPace, NothingIsWaitedForBeforeSomethingWasLearned) {
  EXPECT_EQ(StartPace().FirstAttach(), Milliseconds(0));
}

TEST(StartPace, TheShortestOfTheLatestStartsCounts) {
  StartPace pace;
  pace.Record(Milliseconds(400));
  pace.Record(Milliseconds(1000));
  EXPECT_EQ(pace.FirstAttach(), Milliseconds(300));
}

TEST(StartPace, OldStartsAreForgotten) {
  StartPace pace;
  pace.Record(Milliseconds(100));
  for (int i = 0; i < 7; ++i) pace.Record(Milliseconds(800));
  EXPECT_EQ(pace.FirstAttach(), Milliseconds(75));
  pace.Record(Milliseconds(800));
  EXPECT_EQ(pace.FirstAttach(), Milliseconds(600));
}

}  // namespace
}  // namespace oneshot::delivery
