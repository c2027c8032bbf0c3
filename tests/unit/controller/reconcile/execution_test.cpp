#include "controller/reconcile/execution.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/protocol/codec.h"
#include "tests/support/fake_attach_client.h"
#include "tests/support/hand_clock.h"

namespace oneshot::reconcile {
namespace {

using testing::ElementsAre;

class ExecutionsTest : public testing::Test {
 protected:
  std::shared_ptr<Execution> Add(const std::string& run_id, int attempt, bool warm = false) {
    auto execution = std::make_shared<Execution>();
    execution->run.id = run_id;
    execution->run.attempt = attempt;
    execution->run.job.emplace();
    execution->run.job->name = "run-" + run_id + "-" + std::to_string(attempt);
    execution->channel = std::make_shared<delivery::RunChannel>(attacher_, clock_);
    execution->now.warm = warm;
    executions_.Add(execution);
    return execution;
  }

  test::FakeAttachClient attacher_;
  test::HandClock clock_;
  Executions executions_;
};

TEST_F(ExecutionsTest, AreFoundByRunAndByJob) {
  const auto execution = Add("r", 1);
  EXPECT_EQ(executions_.Find("r"), execution);
  EXPECT_EQ(executions_.RunOfJob("run-r-1"), "r");
  EXPECT_EQ(executions_.Find("other"), nullptr);
  EXPECT_EQ(executions_.RunOfJob("run-r-2"), "");
  executions_.Remove(*execution);
  EXPECT_EQ(executions_.Find("r"), nullptr);
  EXPECT_EQ(executions_.RunOfJob("run-r-1"), "");
}

// R11: the commit that gave an attempt up is slow, and the next one is claimed meanwhile.
TEST_F(ExecutionsTest, RemovingOneLeavesALaterOneOfTheSameRunAlone) {
  const auto first = Add("r", 1);
  const auto second = Add("r", 2);
  executions_.Remove(*first);
  EXPECT_EQ(executions_.Find("r"), second);
  EXPECT_EQ(executions_.RunOfJob("run-r-2"), "r");
  EXPECT_EQ(executions_.RunOfJob("run-r-1"), "");
  EXPECT_THAT(executions_.RunIds(), ElementsAre("r"));
}

// A database that failed over may forget a claim, and the run is claimed again.
TEST_F(ExecutionsTest, TheJobOfOneThatIsReplacedIsNobodys) {
  const auto first = Add("r", 1);
  const auto second = Add("r", 2);
  EXPECT_EQ(executions_.RunOfJob("run-r-1"), "");
  EXPECT_EQ(executions_.RunOfJob("run-r-2"), "r");
  const auto again = Add("r", 2);
  executions_.Remove(*second);
  EXPECT_EQ(executions_.Find("r"), again);
  EXPECT_EQ(executions_.RunOfJob("run-r-2"), "r");
}

TEST_F(ExecutionsTest, AreCountedUntilTheyEnd) {
  const auto cold = Add("a", 1);
  Add("b", 1, /*warm=*/true);
  EXPECT_EQ(executions_.active_size(), 2U);
  EXPECT_EQ(executions_.cold_size(), 1U);
  EXPECT_EQ(executions_.cold_starting(), 1U);
  protocol::RunCommand command;
  command.run_id = "a";
  cold->channel->Expect(command, 0);
  cold->channel->EndLogRead(
      protocol::Encode(protocol::Record(protocol::Started{.run_id = "a", .attempt = 1})));
  EXPECT_EQ(executions_.cold_size(), 1U);
  EXPECT_EQ(executions_.cold_starting(), 0U);
  cold->is_committed = true;
  EXPECT_EQ(executions_.active_size(), 1U);
  EXPECT_EQ(executions_.cold_size(), 0U) << "its runner has only to leave";
  EXPECT_NE(executions_.Find("a"), nullptr);
}

}  // namespace
}  // namespace oneshot::reconcile
