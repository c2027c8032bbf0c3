#include "controller/reconcile/job_marker.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "controller/manifest/names.h"

namespace oneshot::reconcile {
namespace {

// Long enough that a fast run's marks become one patch, and that runs come first; short enough that
// a run is found by its id within a second of its claim.
constexpr auto kSettle = std::chrono::milliseconds(250);
// Until the next mark wakes it.
constexpr auto kIdle = std::chrono::seconds(10);

}  // namespace

JobMarker::JobMarker(kube::Client& client, const base::Clock& clock)
    : client_(client), clock_(clock) {}

void JobMarker::Mark(const std::string& job_name, JobMark mark) {
  {
    auto waiting = waiting_.Acquire();
    JobMark& merged = (*waiting)[job_name];
    mark.events.insert(mark.events.begin(), merged.events.begin(), merged.events.end());
    if (!mark.ttl_seconds) mark.ttl_seconds = merged.ttl_seconds;
    if (mark.pod_name.empty()) mark.pod_name = std::move(merged.pod_name);
    merged = std::move(mark);
  }
  Wake();
}

std::chrono::nanoseconds JobMarker::Step(const std::stop_token& stop, bool woken) {
  const auto now = clock_.Monotonic();
  if (woken && !settled_at_) settled_at_ = now + kSettle;
  if (!settled_at_) return kIdle;
  if (now < *settled_at_) return *settled_at_ - now;
  settled_at_.reset();
  std::map<std::string, JobMark> taken = TakeWaiting();
  for (auto& [job_name, mark] : taken) {
    if (stop.stop_requested()) {
      auto waiting = waiting_.Acquire();
      waiting->try_emplace(job_name, std::move(mark));  // see WriteLastMarks
      continue;
    }
    Write(job_name, mark);
  }
  return kIdle;
}

void JobMarker::WriteLastMarks() {
  for (const auto& [job_name, mark] : TakeWaiting()) {
    // Of an active run the next leader says more.
    if (mark.ttl_seconds && !Write(job_name, mark)) return;
  }
}

std::map<std::string, JobMark> JobMarker::TakeWaiting() {
  auto waiting = waiting_.Acquire();
  return std::exchange(*waiting, {});
}

bool JobMarker::Write(const std::string& job_name, const JobMark& mark) {
  const nlohmann::json labels{{manifest::kRunIdLabel, mark.run_id},
                              {manifest::kAttemptLabel, std::to_string(mark.attempt)},
                              {manifest::kStateLabel, mark.state}};
  nlohmann::json patch{{"metadata", {{"labels", labels}}}};
  // A pod that is gone has nothing to show.
  if (!mark.pod_name.empty()) (void)client_.PatchPod(mark.pod_name, patch.dump());
  if (mark.ttl_seconds) patch["spec"] = {{"ttlSecondsAfterFinished", *mark.ttl_seconds}};
  const auto job = client_.PatchJob(job_name, patch.dump());
  if (!job) return false;
  for (kube::EventNote event : mark.events) {
    event.job_name = job_name;
    event.job_uid = job->meta.uid;
    // Lost Events change nothing.
    (void)client_.CreateEvent(event);
  }
  return true;
}

}  // namespace oneshot::reconcile
