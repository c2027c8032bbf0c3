#include "controller/cluster/cluster_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace oneshot::cluster {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

class ClusterViewTest : public testing::Test {
 protected:
  ClusterViewTest() {
    view_.SetListener([this](const std::string& job_name) { told_.push_back(job_name); });
  }
  static kube::Job AJob(const std::string& name) {
    kube::Job job;
    job.meta.name = name;
    return job;
  }
  static kube::Pod APod(const std::string& job_name, const std::string& uid) {
    kube::Pod pod;
    pod.meta.name = job_name + "-" + uid;
    pod.meta.uid = uid;
    pod.job_name = job_name;
    return pod;
  }

  std::vector<std::string> told_;
  ClusterView view_;
  kube::WatchHandlers<kube::Job> jobs_ = view_.JobHandlers();
  kube::WatchHandlers<kube::Pod> pods_ = view_.PodHandlers();
};

TEST_F(ClusterViewTest, ShowsAJobWithItsPodAndTellsEachChange) {
  jobs_.on_changed(AJob("a"));
  pods_.on_changed(APod("a", "1"));
  const auto sight = view_.Look("a");
  EXPECT_TRUE(sight.job);
  EXPECT_EQ(sight.pod->meta.uid, "1");
  EXPECT_THAT(told_, ElementsAre("a", "a"));
  EXPECT_THAT(view_.Jobs(), SizeIs(1));
}

TEST_F(ClusterViewTest, APodThatChangedInNothingThatMattersWakesNobody) {
  auto pod = APod("a", "1");
  pods_.on_changed(pod);
  pods_.on_changed(pod);  // with other labels, for example
  EXPECT_THAT(told_, ElementsAre("a"));
  pod.container.kind = kube::ContainerState::Kind::kRunning;
  pods_.on_changed(pod);
  EXPECT_THAT(told_, ElementsAre("a", "a"));
}

TEST_F(ClusterViewTest, TheFirstPodStaysTheOnlyOne) {
  pods_.on_changed(APod("a", "1"));
  pods_.on_changed(APod("a", "2"));
  EXPECT_EQ(view_.Look("a").pod->meta.uid, "1");
  pods_.on_deleted(APod("a", "2"));
  EXPECT_TRUE(view_.Look("a").pod);
}

TEST_F(ClusterViewTest, ForgetsWhatVanishedEachHalfByItself) {
  jobs_.on_changed(AJob("a"));
  pods_.on_changed(APod("a", "1"));
  pods_.on_deleted(APod("a", "1"));
  EXPECT_FALSE(view_.Look("a").pod);
  EXPECT_TRUE(view_.Look("a").job);
  jobs_.on_deleted(AJob("a"));
  EXPECT_FALSE(view_.Look("a").job);
  EXPECT_THAT(view_.Jobs(), SizeIs(0));
  EXPECT_THAT(told_, ElementsAre("a", "a", "a", "a"));
}

TEST_F(ClusterViewTest, TellsNobodyWhenItsListenerHasGone) {
  view_.SetListener({});
  jobs_.on_changed(AJob("a"));
  EXPECT_THAT(told_, SizeIs(0));
  EXPECT_TRUE(view_.Look("a").job);
}

TEST_F(ClusterViewTest, IsSyncedWhenBothListsHaveArrived) {
  jobs_.on_synced();
  EXPECT_FALSE(view_.IsSynced());
  pods_.on_synced();
  EXPECT_TRUE(view_.IsSynced());
  EXPECT_TRUE(view_.WaitUntilSynced({}));
}

TEST_F(ClusterViewTest, AListThatBeganBeforeItWasAskedForIsNotNewEnough) {
  int relists = 0;
  view_.SetRelist([&relists] { ++relists; });
  jobs_.on_listing();
  pods_.on_listing();
  pods_.on_synced();
  const auto relist = view_.Relist();
  EXPECT_EQ(relists, 1);
  jobs_.on_synced();
  EXPECT_TRUE(view_.IsSynced());
  EXPECT_FALSE(view_.WaitUntilListed(relist, base::Milliseconds(0), {}))
      << "what it told may be older than the call";
  jobs_.on_listing();
  jobs_.on_synced();
  EXPECT_FALSE(view_.WaitUntilListed(relist, base::Milliseconds(0), {}))
      << "of the pods nothing new has come";
  pods_.on_listing();
  pods_.on_synced();
  EXPECT_TRUE(view_.WaitUntilListed(relist, base::Milliseconds(0), {}));
}

TEST_F(ClusterViewTest, AListThatFailsCountsWhenItsRepetitionArrives) {
  const auto relist = view_.Relist();
  pods_.on_listing();
  pods_.on_synced();
  jobs_.on_listing();
  jobs_.on_listing();
  EXPECT_FALSE(view_.WaitUntilListed(relist, base::Milliseconds(0), {}));
  jobs_.on_synced();
  EXPECT_TRUE(view_.WaitUntilListed(relist, base::Milliseconds(0), {}));
}

TEST_F(ClusterViewTest, TheWaitForNewListsEnds) {
  const auto relist = view_.Relist();
  EXPECT_FALSE(view_.WaitUntilListed(relist, base::Milliseconds(1), {})) << "by its patience";
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(view_.WaitUntilListed(relist, std::chrono::hours(1), stop.get_token()));
}

TEST_F(ClusterViewTest, WasLastHeardWhenTheQuieterWatchWas) {
  using std::chrono::seconds;
  EXPECT_FALSE(view_.LastHeard());
  jobs_.on_heard(base::MonotonicTime(seconds(10)));
  EXPECT_FALSE(view_.LastHeard());
  pods_.on_heard(base::MonotonicTime(seconds(11)));
  jobs_.on_heard(base::MonotonicTime(seconds(12)));
  EXPECT_EQ(view_.LastHeard(), base::MonotonicTime(seconds(11)));
}

TEST_F(ClusterViewTest, AStopEndsTheWait) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(view_.WaitUntilSynced(stop.get_token()));
}

}  // namespace
}  // namespace oneshot::cluster
