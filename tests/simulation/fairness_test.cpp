#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <queue>
#include <string>
#include <vector>

#include "core/domain/run_id.h"
#include "tests/support/hand_clock.h"
#include "tests/support/store/cold_attempt.h"
#include "tests/support/store/memory_run_store.h"

// The queue's policy under load, in virtual time: places that runs hold for as long as they take,
// and clients that submit. The figures of docs/operations.md are what these tests print.
namespace oneshot::simulation {
namespace {

using base::Milliseconds;

class Queue : public testing::Test {
 protected:
  struct Served {
    int runs{0};
    Milliseconds held{0};
    std::vector<Milliseconds> waits;
  };

  void Submit(const std::string& submitter, Milliseconds takes,
              Milliseconds wall_limit = Milliseconds(10'000)) {
    id_time_ += Milliseconds(1);
    const std::string id = domain::NewRunId(id_time_);
    domain::RunSpec spec;
    spec.limits.wall_ms = wall_limit.count();
    ASSERT_TRUE(store_.Submit({.id = id, .spec = spec, .submitter = submitter}));
    waiting_[id] = {submitter, takes, now_};
    Claim();
  }

  /// Lets runs end and others begin until then.
  void RunUntil(Milliseconds end) {
    while (!ends_.empty() && ends_.top().first <= end) {
      const auto [at, id] = ends_.top();
      ends_.pop();
      Advance(at);
      ASSERT_TRUE(store_.Finish(epoch_, test::ColdAttempt(id, 1), {},
                                {.status = domain::RunStatus::kSucceeded}));
      --active_;
      Claim();
    }
    Advance(end);
  }

  /// One client has 3,000 loops in the queue, another submits 50 prints, one at a time.
  const Served& PlaySmallBesideFlood() {
    for (int i = 0; i < 3'000; ++i) Submit("flood", Milliseconds(10'000));
    for (int i = 1; i <= 50; ++i) {
      RunUntil(Milliseconds(7'300) * i);
      Submit("small", Milliseconds(100));
    }
    RunUntil(Milliseconds(400'000));
    return served_["small"];
  }

  static double JainsIndex(const std::vector<double>& shares) {
    double sum = 0;
    double squares = 0;
    for (const double share : shares) {
      sum += share;
      squares += share * share;
    }
    return sum * sum / (static_cast<double>(shares.size()) * squares);
  }
  static void Print(const char* title, std::vector<Milliseconds> waits) {
    std::ranges::sort(waits);
    std::printf("%s: %zu runs waited %lld ms (median), %lld ms (longest)\n", title, waits.size(),
                static_cast<long long>(waits[waits.size() / 2].count()),
                static_cast<long long>(waits.back().count()));
  }

  int places_{8};
  int most_of_one_{1'000};
  std::map<std::string, Served> served_;

 private:
  struct Waiting {
    std::string submitter;
    Milliseconds takes;
    Milliseconds since;
  };
  using End = std::pair<Milliseconds, std::string>;

  void Advance(Milliseconds to) {
    clock_.now += to - now_;
    clock_.wall += to - now_;
    now_ = to;
  }
  void Claim() {
    while (active_ < places_) {
      const auto claimed = store_.Claim(
          epoch_, {.cold_slots = places_ - active_, .max_active_of_submitter = most_of_one_});
      ASSERT_TRUE(claimed);
      for (const store::ClaimedRun& each : claimed->runs) {
        const Waiting& run = waiting_.at(each.run.id);
        Served& served = served_[run.submitter];
        ++served.runs;
        served.held += run.takes;
        served.waits.push_back(now_ - run.since);
        ends_.emplace(now_ + run.takes, each.run.id);
        waiting_.erase(each.run.id);
        ++active_;
      }
      if (claimed->runs.empty()) return;
    }
  }

  test::HandClock clock_;
  test::MemoryRunStore store_{clock_};
  const std::int64_t epoch_{*store_.TakeEpoch("simulation")};
  base::WallTime id_time_{};
  Milliseconds now_{0};
  int active_{0};
  std::map<std::string, Waiting> waiting_;
  std::priority_queue<End, std::vector<End>, std::greater<>> ends_;
};

TEST_F(Queue, AFloodKeepsASmallClientWaitingForAPlaceAtMost) {
  const Served& small = PlaySmallBesideFlood();
  Print("beside 3,000 loops of 10 s in 8 places, one print every 7.3 s", small.waits);
  ASSERT_EQ(small.runs, 50);
  EXPECT_LE(std::ranges::max(small.waits), Milliseconds(10'000)) << "until the next place is free";
}

TEST_F(Queue, WhatAFloodMayNotHoldIsThereForOthers) {
  most_of_one_ = 4;
  const Served& small = PlaySmallBesideFlood();
  Print("the same, and at most 4 places for one client", small.waits);
  ASSERT_EQ(small.runs, 50);
  EXPECT_EQ(std::ranges::max(small.waits), Milliseconds(0));
}

TEST_F(Queue, FloodsOfEverySizeGetEqualShares) {
  const std::vector<std::pair<std::string, int>> floods{
      {"a", 250}, {"b", 400}, {"c", 800}, {"d", 1'600}, {"e", 2'400}};
  for (const auto& [submitter, runs] : floods) {
    for (int i = 0; i < runs; ++i) Submit(submitter, Milliseconds(1'000));
  }
  RunUntil(Milliseconds(150'000));
  std::vector<double> shares;
  for (const auto& [submitter, runs] : floods) shares.push_back(served_[submitter].runs);
  const double index = JainsIndex(shares);
  std::printf("floods of 250 to 2,400 runs: Jain's index of their shares %.4f\n", index);
  EXPECT_GE(index, 0.99);
}

TEST_F(Queue, WhoAsksForLongerRunsGetsFewerOfThem) {
  for (int i = 0; i < 600; ++i) Submit("long", Milliseconds(6'000), Milliseconds(6'000));
  for (int i = 0; i < 2'000; ++i) Submit("short", Milliseconds(1'000), Milliseconds(1'000));
  RunUntil(Milliseconds(300'000));
  const double index = JainsIndex({static_cast<double>(served_["long"].held.count()),
                                   static_cast<double>(served_["short"].held.count())});
  std::printf("runs of 6 s beside runs of 1 s: Jain's index of the time they held places %.4f\n",
              index);
  EXPECT_GE(index, 0.99);
}

}  // namespace
}  // namespace oneshot::simulation
