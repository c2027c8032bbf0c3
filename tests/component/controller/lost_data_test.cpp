// One of the two places that hold the state loses all of it: the cluster (etcd) or the database.
#include <gtest/gtest.h>

#include "core/domain/run_id.h"
#include "tests/component/controller/controller_under_test.h"
#include "tests/support/wait_until.h"

namespace oneshot::test {
namespace {

using domain::RunStatus;

class LostDataTest : public testing::Test {
 protected:
  static std::string Submit(MemoryRunStore& store, const std::string& source) {
    const auto now = std::chrono::system_clock::now();
    const std::string id = domain::NewRunId(now);
    EXPECT_TRUE(store.Submit({.id = id, .spec = {.source = source}, .submitter = {}}));
    return id;
  }
  static bool Becomes(MemoryRunStore& store, const std::string& id, RunStatus status, int attempt) {
    const auto is_there = [&] {
      const auto run = store.Get(id);
      return run->status == status && run->attempt == attempt;
    };
    return WaitUntil(is_there, "run " + id + " becoming " + std::string(ToString(status)));
  }

  base::SystemClock clock_;
  MemoryRunStore store_{clock_};
  AutonomousApiServer server_{PlayRunners()};
};

TEST_F(LostDataTest, ActiveRunsStartOverInAnEmptyCluster) {
  ControllerUnderTest before(server_, store_);
  before.Lead();
  const std::string id = Submit(store_, "hang");
  ASSERT_TRUE(Becomes(store_, id, RunStatus::kRunning, 1));
  before.Crash();

  AutonomousApiServer empty(PlayRunners());
  ControllerUnderTest after(empty, store_);
  after.Lead();
  ASSERT_TRUE(Becomes(store_, id, RunStatus::kRunning, 2));
  EXPECT_EQ(empty.Names("jobs"), std::vector{"run-" + id + "-2"});
}

TEST_F(LostDataTest, AnEmptyDatabaseServesNewRunsBesideTheJobsOfUnknownOnes) {
  ControllerUnderTest before(server_, store_);
  before.Lead();
  const std::string unknown = Submit(store_, "hang");
  ASSERT_TRUE(Becomes(store_, unknown, RunStatus::kRunning, 1));
  before.Crash();

  MemoryRunStore empty{clock_};
  ControllerUnderTest after(server_, empty);
  after.Lead();
  const std::string id = Submit(empty, "print new");
  ASSERT_TRUE(Becomes(empty, id, RunStatus::kSucceeded, 1));
  EXPECT_FALSE(empty.Get(unknown));
}

}  // namespace
}  // namespace oneshot::test
