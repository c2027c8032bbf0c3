#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/cluster/cluster_view.h"

namespace oneshot::cluster {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

kube::Job MakeJob(const std::string& name) {
  kube::Job job;
  job.meta.name = name;
  return job;
}

kube::Job Complete(const std::string& name, const std::string& ended_at) {
  kube::Job job = MakeJob(name);
  job.complete = true;
  job.ended_at = ended_at;
  return job;
}

std::vector<std::string> Names(const std::vector<kube::Job>& jobs) {
  std::vector<std::string> names;
  for (const kube::Job& job : jobs) names.push_back(job.meta.name);
  return names;
}

struct FinishedJobsTest : testing::Test {
  void See(const kube::Job& job) { handlers.on_changed(job); }
  std::vector<std::string> Beyond(std::size_t kept, std::size_t most = 100) const {
    return Names(view.FinishedBeyond(kept, most));
  }

  ClusterView view;
  kube::WatchHandlers<kube::Job> handlers{view.JobHandlers()};
};

TEST_F(FinishedJobsTest, ThoseThatEndedLastAreKeptWhateverTheirNames) {
  See(Complete("run-b-1", "2026-01-01T00:00:03Z"));
  See(Complete("warm-a", "2026-01-01T00:00:01Z"));
  See(Complete("run-a-1", "2026-01-01T00:00:02Z"));
  EXPECT_THAT(Beyond(2), ElementsAre("warm-a"));
  EXPECT_THAT(Beyond(0), ElementsAre("warm-a", "run-a-1", "run-b-1"));
  EXPECT_THAT(Beyond(0, 2), ElementsAre("warm-a", "run-a-1"));
  EXPECT_THAT(Beyond(3), IsEmpty());
}

TEST_F(FinishedJobsTest, NamesDecideWithinASecond) {
  See(Complete("run-2-1", "2026-01-01T00:00:01Z"));
  See(Complete("run-1-1", "2026-01-01T00:00:01Z"));
  EXPECT_THAT(Beyond(1), ElementsAre("run-1-1"));
}

TEST_F(FinishedJobsTest, FailedJobsCountAndNeitherUnfinishedNorDeletedOnes) {
  kube::Job failed = MakeJob("failed");
  failed.has_failed = true;
  failed.ended_at = "2026-01-01T00:00:01Z";
  kube::Job deleting = Complete("deleting", "2026-01-01T00:00:00Z");
  deleting.meta.deleting = true;
  for (const kube::Job& job :
       {failed, deleting, MakeJob("working"), Complete("complete", "2026-01-01T00:00:02Z")})
    See(job);
  EXPECT_THAT(Beyond(1), ElementsAre("failed"));
  EXPECT_THAT(Beyond(2), IsEmpty());
  EXPECT_THAT(Names(view.UnfinishedJobs()), ElementsAre("working"));
}

TEST_F(FinishedJobsTest, AJobMovesAsItChanges) {
  See(MakeJob("run-a-1"));
  EXPECT_THAT(Names(view.UnfinishedJobs()), ElementsAre("run-a-1"));
  kube::Job job = Complete("run-a-1", "2026-01-01T00:00:01Z");
  See(job);
  EXPECT_THAT(view.UnfinishedJobs(), IsEmpty());
  EXPECT_THAT(Beyond(0), ElementsAre("run-a-1"));
  job.meta.deleting = true;
  See(job);
  EXPECT_THAT(Beyond(0), IsEmpty());
  handlers.on_deleted(job);
  EXPECT_THAT(view.Jobs(), IsEmpty());
}

}  // namespace
}  // namespace oneshot::cluster
