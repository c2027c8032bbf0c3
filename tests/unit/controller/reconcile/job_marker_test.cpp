#include "controller/reconcile/job_marker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/hand_clock.h"
#include "tests/support/unexpected_client.h"

namespace oneshot::reconcile {
namespace {

using testing::ElementsAre;
using Log = std::vector<std::string>;

/// Remembers as text what was written: `job NAME: STATE, ttl SECONDS`, `pod NAME: STATE`,
/// `event REASON`.
class WrittenByMarker final : public test::UnexpectedClient {
 public:
  base::Result<kube::Job> PatchJob(const std::string& name, const std::string& patch) override {
    Note("job " + name + ": " + StateIn(patch));
    kube::Job job;
    job.meta.name = name;
    return job;
  }
  base::Status PatchPod(const std::string& name, const std::string& patch) override {
    Note("pod " + name + ": " + StateIn(patch));
    return base::Error{base::ErrorCode::kNotFound, "gone"};
  }
  base::Status CreateEvent(const kube::EventNote& event) override {
    Note("event " + event.reason);
    return {};
  }
  const Log& Written() const { return written_; }

 private:
  void Note(std::string text) { written_.push_back(std::move(text)); }
  static std::string StateIn(const std::string& patch) {
    const auto object = nlohmann::json::parse(patch);
    const auto labels = object["metadata"]["labels"];
    EXPECT_EQ(labels["oneshot.dev/run-id"], "r");
    EXPECT_EQ(labels["oneshot.dev/attempt"], "2");
    std::string state = labels["oneshot.dev/state"];
    if (object.contains("spec")) {
      EXPECT_EQ(object["spec"].size(), 1U);
      state += ", ttl " + object["spec"]["ttlSecondsAfterFinished"].dump();
    }
    return state;
  }

  Log written_;
};

JobMark MarkOf(const std::string& state, const std::string& pod_name,
               std::vector<kube::EventNote> events = {}) {
  return {.run_id = "r",
          .attempt = 2,
          .state = state,
          .pod_name = pod_name,
          .events = std::move(events)};
}

class JobMarkerTest : public testing::Test {
 protected:
  /// What it has written when its next step after this one has come.
  Log Written() {
    clock_.now += marker_.Step({}, marker_.TakeWake());
    EXPECT_TRUE(client_.Written().empty()) << "marks settle first";
    marker_.Step({}, marker_.TakeWake());
    return client_.Written();
  }

  WrittenByMarker client_;
  test::HandClock clock_;
  JobMarker marker_{client_, clock_};
};

TEST_F(JobMarkerTest, MarksTheJobAndItsPodAlike) {
  marker_.Mark("j", MarkOf("running", "p", {{.reason = "RunStarted", .note = "began"}}));
  EXPECT_THAT(Written(), ElementsAre("pod p: running", "job j: running", "event RunStarted"))
      << "a pod that is gone keeps nothing from being written";
}

TEST_F(JobMarkerTest, MarksThatComeTogetherAreOneAndKeepEachEvent) {
  marker_.Mark("j", MarkOf("starting", "p"));
  marker_.Mark("j", MarkOf("running", "p", {{.reason = "RunStarted", .note = "began"}}));
  marker_.Mark("j", MarkOf("succeeded", "", {{.reason = "RunEnded", .note = "ended"}}));
  EXPECT_THAT(Written(), ElementsAre("pod p: succeeded", "job j: succeeded", "event RunStarted",
                                     "event RunEnded"));
}

// Until the end is stored, the pod may be all that knows it.
TEST_F(JobMarkerTest, OnlyTheLastMarkLimitsHowLongTheJobStays) {
  JobMark last = MarkOf("succeeded", "p");
  last.ttl_seconds = 600;
  marker_.Mark("j", MarkOf("running", "p"));
  marker_.Mark("j", std::move(last));
  EXPECT_THAT(Written(), ElementsAre("pod p: succeeded", "job j: succeeded, ttl 600"))
      << "a pod has no such field";
}

TEST_F(JobMarkerTest, ALaterMarkKeepsTheTimeThatAnEarlierOneSet) {
  JobMark last = MarkOf("succeeded", "p");
  last.ttl_seconds = 600;
  marker_.Mark("j", std::move(last));
  marker_.Mark("j", MarkOf("succeeded", ""));
  EXPECT_THAT(Written(), ElementsAre("pod p: succeeded", "job j: succeeded, ttl 600"));
}

// The next leader knows nothing of runs that have ended.
TEST_F(JobMarkerTest, AtTheEndOfATermTheLastMarksAreWrittenAtOnce) {
  JobMark last = MarkOf("succeeded", "p");
  last.ttl_seconds = 600;
  marker_.Mark("ended", std::move(last));
  marker_.Mark("active", MarkOf("running", "p"));
  std::stop_source stop;
  clock_.now += marker_.Step(stop.get_token(), marker_.TakeWake());
  stop.request_stop();
  marker_.Step(stop.get_token(), marker_.TakeWake());
  EXPECT_THAT(client_.Written(), ElementsAre());
  marker_.WriteLastMarks();
  EXPECT_THAT(client_.Written(), ElementsAre("pod p: succeeded", "job ended: succeeded, ttl 600"));
  marker_.WriteLastMarks();
  EXPECT_EQ(client_.Written().size(), 2U);
}

TEST_F(JobMarkerTest, AJobWithoutAPodIsMarkedAlone) {
  marker_.Mark("j", MarkOf("error", "", {{.reason = "RunInterrupted", .note = "no pod"}}));
  EXPECT_THAT(Written(), ElementsAre("job j: error", "event RunInterrupted"));
}

}  // namespace
}  // namespace oneshot::reconcile
