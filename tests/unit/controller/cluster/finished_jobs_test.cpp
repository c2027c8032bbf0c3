#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/cluster/cluster_view.h"

namespace oneshot::cluster {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

kube::Job MakeJob(const std::string& name, const std::string& created) {
  kube::Job job;
  job.meta.name = name;
  job.meta.creation_timestamp = created;
  return job;
}

kube::Job Complete(const std::string& name, const std::string& created) {
  kube::Job job = MakeJob(name, created);
  job.complete = true;
  return job;
}

std::vector<std::string> Names(const std::vector<kube::Job>& jobs) {
  std::vector<std::string> names;
  for (const kube::Job& job : jobs) names.push_back(job.meta.name);
  return names;
}

TEST(FinishedBeyondTest, KeepsTheNewestWhateverTheirNames) {
  const std::vector<kube::Job> jobs{Complete("run-b-1", "2026-01-01T00:00:03Z"),
                                    Complete("warm-a", "2026-01-01T00:00:01Z"),
                                    Complete("run-a-1", "2026-01-01T00:00:02Z")};
  EXPECT_THAT(Names(FinishedBeyond(jobs, 2)), ElementsAre("warm-a"));
  EXPECT_THAT(Names(FinishedBeyond(jobs, 0)), ElementsAre("warm-a", "run-a-1", "run-b-1"));
  EXPECT_THAT(FinishedBeyond(jobs, 3), IsEmpty());
}

TEST(FinishedBeyondTest, NamesDecideWithinASecond) {
  const std::vector<kube::Job> jobs{Complete("run-2-1", "2026-01-01T00:00:01Z"),
                                    Complete("run-1-1", "2026-01-01T00:00:01Z")};
  EXPECT_THAT(Names(FinishedBeyond(jobs, 1)), ElementsAre("run-1-1"));
}

TEST(FinishedBeyondTest, CountsFailedJobsAndNeitherUnfinishedNorDeletedOnes) {
  kube::Job failed = MakeJob("failed", "2026-01-01T00:00:01Z");
  failed.has_failed = true;
  kube::Job deleting = Complete("deleting", "2026-01-01T00:00:00Z");
  deleting.meta.deleting = true;
  const kube::Job working = MakeJob("working", "2026-01-01T00:00:00Z");
  const kube::Job complete = Complete("complete", "2026-01-01T00:00:02Z");
  EXPECT_THAT(Names(FinishedBeyond({failed, deleting, working, complete}, 1)),
              ElementsAre("failed"));
  EXPECT_THAT(FinishedBeyond({failed, deleting, working, complete}, 2), IsEmpty());
}

}  // namespace
}  // namespace oneshot::cluster
