#include "controller/queue/lanes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <optional>

#include "core/base/thread.h"
#include "tests/support/wait_until.h"

namespace oneshot::queue {
namespace {

using test::WaitUntil;
using testing::ElementsAre;

class LanesTest : public testing::Test {
 protected:
  ~LanesTest() override { Open(); }

  void Make(Lanes::Limits limits) { lanes_.emplace(heartbeats_, stop_.get_token(), limits); }
  /// A call that is under way until Open.
  void Block(const std::string& lane) {
    lanes_->Post(lane, [this] {
      ++blocked_;
      gate_.wait();
    });
  }
  void BlockAndWait(const std::string& lane) {
    const int before = blocked_;
    Block(lane);
    WaitUntil([&] { return blocked_ == before + 1; }, "the call to begin");
  }
  void Open() {
    if (!is_open_.exchange(true)) open_.set_value();
  }

  base::SystemClock clock_;
  base::Heartbeats heartbeats_{clock_};
  std::stop_source stop_;
  std::promise<void> open_;
  std::atomic<bool> is_open_{false};
  std::shared_future<void> gate_{open_.get_future()};
  std::atomic<int> blocked_{0};
  std::optional<Lanes> lanes_;
};

// Review finding R9: one dead node made every run wait.
TEST_F(LanesTest, ABlockedLaneDelaysNoOther) {
  Make({.threads = 3, .per_lane = 2});
  for (int i = 0; i < 10; ++i) Block("dead-node");
  WaitUntil([&] { return blocked_ == 2; }, "the lane to be blocked");
  std::atomic<int> done{0};
  for (int i = 0; i < 10; ++i) lanes_->Post("node", [&] { ++done; });
  WaitUntil([&] { return done == 10; }, "the other lane's calls");
  EXPECT_EQ(blocked_, 2);
}

TEST_F(LanesTest, ALanesNextCallBeginsWhenOneHasEnded) {
  Make({.threads = 4, .per_lane = 1});
  BlockAndWait("a");
  Block("a");
  EXPECT_EQ(blocked_, 1);
  Open();
  WaitUntil([&] { return blocked_ == 2; }, "the second call");
}

TEST_F(LanesTest, LanesTakeTurnsAndEachKeepsItsOrder) {
  Make({.threads = 1, .per_lane = 1});
  BlockAndWait("first");
  std::vector<std::string> order;
  std::atomic<int> done{0};
  for (const std::string call : {"a1", "a2", "a3", "b1", "b2"}) {
    lanes_->Post(call.substr(0, 1), [&, call] {
      order.push_back(call);
      ++done;
    });
  }
  Open();
  WaitUntil([&] { return done == 5; }, "all calls");
  EXPECT_THAT(order, ElementsAre("a1", "b1", "a2", "b2", "a3"));
}

TEST_F(LanesTest, WhoeverPostsToAFullLaneWaitsForRoom) {
  Make({.threads = 1, .per_lane = 1, .waiting_per_lane = 1});
  BlockAndWait("a");
  Block("a");
  std::atomic<bool> posted{false};
  const auto poster = base::StartThread("poster", [&](std::stop_token) {
    lanes_->Post("a", [] {});
    posted = true;
  });
  // Of another lane there is room, which shows that the poster waits for its own only.
  lanes_->Post("b", [] {});
  EXPECT_FALSE(posted);
  Open();
  WaitUntil([&] { return posted.load(); }, "room");
}

TEST_F(LanesTest, AStopEndsTheWaitForRoomAndBeginsNoCall) {
  Make({.threads = 1, .per_lane = 1, .waiting_per_lane = 1});
  BlockAndWait("a");
  std::atomic<int> calls{0};
  const auto owned = std::make_shared<int>();
  lanes_->Post("a", [&calls, owned] { ++calls; });
  auto poster = base::StartThread(
      "poster", [&](std::stop_token) { lanes_->Post("a", [&calls, owned] { ++calls; }); });
  stop_.request_stop();
  poster.join();
  lanes_->Post("b", [&] { ++calls; });
  Open();
  lanes_.reset();
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(owned.use_count(), 1) << "calls that are not run are destroyed";
}

TEST_F(LanesTest, ItsEndWaitsForTheCallUnderWay) {
  Make({.threads = 2, .per_lane = 1});
  std::atomic<bool> begun{false};
  std::atomic<bool> ended{false};
  lanes_->Post("a", [&] {
    begun = true;
    gate_.wait();
    ended = true;
  });
  WaitUntil([&] { return begun.load(); }, "the call to begin");
  const auto opener = base::StartThread("opener", [this](std::stop_token) { Open(); });
  lanes_.reset();
  EXPECT_TRUE(ended);
}

TEST_F(LanesTest, NoCallRunsAfterItsEnd) {
  for (int round = 0; round < 20; ++round) {
    Make({.threads = 4, .per_lane = 2});
    std::atomic<bool> over{false};
    for (int i = 0; i < 100; ++i)
      lanes_->Post(std::to_string(i % 7), [&over] { EXPECT_FALSE(over); });
    lanes_.reset();
    over = true;
  }
}

}  // namespace
}  // namespace oneshot::queue
