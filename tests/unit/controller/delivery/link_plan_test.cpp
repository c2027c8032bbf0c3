// How to stay in touch with a runner, one situation each.
#include "controller/delivery/link_plan.h"

#include <gtest/gtest.h>

namespace oneshot::delivery {
namespace {

using base::Milliseconds;
using kube::ContainerState;
using Link = RunChannel::Link;

const base::MonotonicTime kNow{std::chrono::hours(1)};
base::MonotonicTime Ago(int milliseconds) { return kNow - Milliseconds(milliseconds); }

kube::Pod Scheduled() {
  kube::Pod pod;
  pod.phase = "Pending";
  pod.scheduled = true;
  return pod;
}
kube::Pod Running() {
  kube::Pod pod = Scheduled();
  pod.phase = "Running";
  pod.container.kind = ContainerState::Kind::kRunning;
  return pod;
}
kube::Pod Ended() {
  kube::Pod pod = Scheduled();
  pod.phase = "Failed";
  pod.container.kind = ContainerState::Kind::kTerminated;
  return pod;
}
kube::Pod Unscheduled() {
  kube::Pod pod = Scheduled();
  pod.scheduled = false;
  return pod;
}
kube::Pod RefusedByItsNode() {
  kube::Pod pod = Scheduled();
  pod.phase = "Failed";
  return pod;
}

RunChannel::View Opening() { return {.link = Link::kOpening, .link_changed = Ago(9'000)}; }
RunChannel::View Closed(int failures, int milliseconds_ago) {
  return {.link = Link::kClosed, .link_changed = Ago(milliseconds_ago), .failures = failures};
}
RunChannel::View Asked(int opened_ago, int asked_ago) {
  return {.link = Link::kOpen, .link_changed = Ago(opened_ago), .asked_at = Ago(asked_ago)};
}
RunChannel::View Heard(int milliseconds_ago) {
  return {.link = Link::kOpen, .link_changed = Ago(60'000), .heard_at = Ago(milliseconds_ago)};
}
RunChannel::View LogRead(int reads, int failures, int milliseconds_ago) {
  return {.link = Link::kClosed,
          .log_reads = reads,
          .log_failures = failures,
          .log_read_at = Ago(milliseconds_ago)};
}
RunChannel::View LogIsBeingRead() { return {.link = Link::kClosed, .log_is_being_read = true}; }

struct Row {
  const char* situation;
  std::optional<kube::Pod> pod;
  RunChannel::View channel;
  LinkStep step;
  std::optional<Milliseconds> again;
  Milliseconds first_pause{0};
  RunChannel::Moment first_since{};
  RunChannel::Moment ended_since{};
};

std::vector<Row> Rows() {
  using enum LinkStep;
  const auto pause = [](int failures) { return static_cast<int>(ConnectPause(failures).count()); };
  return {
      // The first link.
      {"no pod", {}, {}, kNothing, {}},
      {"a pod without a node", Unscheduled(), {}, kNothing, {}},
      {"a node, and nothing learned", Scheduled(), {}, kConnect, {}},
      {"starts take longer",
       Scheduled(),
       {},
       kNothing,
       Milliseconds(200),
       Milliseconds(300),
       Ago(100)},
      {"that time is over", Scheduled(), {}, kConnect, {}, Milliseconds(300), Ago(300)},
      {"the status says that it runs", Running(), {}, kConnect, {}, Milliseconds(300), Ago(100)},

      // A link.
      {"being opened, which has a deadline of its own", Running(), Opening(), kNothing, {}},
      {"asked a moment ago", Running(), Asked(1'000, 1'000), kNothing, Milliseconds(4'000)},
      {"asked before it was open", Running(), Asked(1'000, 9'000), kNothing, Milliseconds(4'000)},
      {"asked and not answered", Running(), Asked(60'000, 5'000), kConnect, {}},
      {"heard a moment ago", Running(), Heard(1'000), kNothing, Milliseconds(3'000)},
      {"silent for a while", Running(), Heard(4'000), kAsk, Milliseconds(5'000)},

      // A link that closed.
      {"just now", Running(), Closed(1, 0), kNothing, ConnectPause(1)},
      {"a pause ago", Running(), Closed(1, pause(1)), kConnect, {}},
      {"after many failures", Running(), Closed(50, 499), kNothing, Milliseconds(1)},
      {"after many failures and the longest pause", Running(), Closed(50, 500), kConnect, {}},
      {"where starts take long", Scheduled(), Closed(1, pause(1)), kNothing,
       Milliseconds(100 - pause(1)), Milliseconds(1'600)},
      {"after its pause there", Scheduled(), Closed(1, 100), kConnect, {}, Milliseconds(1'600)},

      // A dead runner.
      {"its log is read at once", Ended(), Heard(0), kReadLog, {}},
      {"whatever the link was", Ended(), Opening(), kReadLog, {}},
      {"it is being read", Ended(), LogIsBeingRead(), kNothing, {}},
      {"it is being read for too long, which ends by itself",
       Ended(),
       LogIsBeingRead(),
       kNothing,
       {},
       {},
       {},
       Ago(61'000)},
      {"read once, of which the last bytes may be missing", Ended(), LogRead(1, 0, 400), kNothing,
       Milliseconds(600)},
      {"read once, and a pause", Ended(), LogRead(1, 0, 1'000), kReadLog, {}},
      {"read twice", Ended(), LogRead(2, 0, 0), kExhausted, {}},
      {"not readable", Ended(), LogRead(0, 1, 1'000), kNothing, Milliseconds(1'000)},
      {"not readable, and a longer pause", Ended(), LogRead(0, 1, 2'000), kReadLog, {}},
      {"often not readable",
       Ended(),
       LogRead(0, 20, 4'000),
       kNothing,
       Milliseconds(1'000),
       {},
       {},
       Ago(59'000)},
      {"not readable for a minute",
       Ended(),
       LogRead(0, 20, 4'000),
       kExhausted,
       {},
       {},
       {},
       Ago(60'000)},
      {"never ran, so that there is no log", RefusedByItsNode(), {}, kExhausted, {}},
  };
}

TEST(LinkPlan, OfEachSituation) {
  for (const Row& row : Rows()) {
    const LinkPlan plan = PlanLink({.time = kNow,
                                    .channel = row.channel,
                                    .pod = row.pod,
                                    .first_pause = row.first_pause,
                                    .first_since = row.first_since,
                                    .ended_since = row.ended_since});
    EXPECT_EQ(plan.step, row.step) << row.situation;
    EXPECT_EQ(plan.again, row.again) << row.situation;
  }
}

TEST(LinkPlan, AWaitThatIsNoEventHasAnEnd) {
  for (const Row& row : Rows()) {
    const bool ends_by_itself = !row.pod || !row.pod->scheduled ||
                                row.channel.link == Link::kOpening || row.channel.log_is_being_read;
    const bool waits = row.step == LinkStep::kNothing || row.step == LinkStep::kAsk;
    if (!waits || ends_by_itself) continue;
    EXPECT_TRUE(row.again) << row.situation;
  }
}

TEST(LinkPlan, TwoQuestionsFitIntoTheTimeThatAnAnswerIsFresh) {
  RunChannel::View channel = Heard(0);
  const std::optional<kube::Pod> pod = Running();
  const LinkPlan plan = PlanLink({.time = kNow,
                                  .channel = channel,
                                  .pod = pod,
                                  .first_pause = {},
                                  .first_since = {},
                                  .ended_since = {}});
  EXPECT_LE(2 * *plan.again, kFreshness);
}

TEST(IsFresh, OnlyAnAnswerOnThePresentLinkThatIsNotLongAgo) {
  EXPECT_TRUE(IsFresh(Heard(0), kNow));
  EXPECT_TRUE(IsFresh(Heard(10'000), kNow));
  EXPECT_FALSE(IsFresh(Heard(10'001), kNow));
  EXPECT_FALSE(IsFresh(Asked(1'000, 1'000), kNow)) << "no answer yet";
  RunChannel::View closed = Heard(0);
  closed.link = Link::kClosed;
  EXPECT_FALSE(IsFresh(closed, kNow));
}

TEST(ConnectPause, IsShortAtFirstAndBounded) {
  EXPECT_LE(ConnectPause(0), Milliseconds(20));
  for (int failures = 0; failures < 100; ++failures) {
    EXPECT_LE(ConnectPause(failures), ConnectPause(failures + 1));
    EXPECT_LE(ConnectPause(failures), Milliseconds(500));
  }
}

}  // namespace
}  // namespace oneshot::delivery
