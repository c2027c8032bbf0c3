#include "controller/cluster/finished_jobs.h"

#include <algorithm>
#include <tuple>

namespace oneshot::cluster {

std::vector<kube::Job> FinishedBeyond(std::vector<kube::Job> jobs, std::size_t kept) {
  std::erase_if(jobs, [](const kube::Job& job) { return !HasEnded(job) || job.meta.deleting; });
  if (jobs.size() <= kept) return {};
  // The API server's times have whole seconds; names of Jobs of one kind sort by time.
  std::ranges::sort(jobs, {}, [](const kube::Job& job) {
    return std::tie(job.meta.creation_timestamp, job.meta.name);
  });
  jobs.resize(jobs.size() - kept);
  return jobs;
}

}  // namespace oneshot::cluster
