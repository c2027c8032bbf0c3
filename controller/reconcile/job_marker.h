#pragma once

#include <map>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "controller/kube/client.h"
#include "core/base/guarded.h"
#include "core/base/thread.h"

namespace oneshot::reconcile {

/// What kubectl should show of a Job and its pod.
struct JobMark {
  std::string run_id;
  int attempt{0};
  /// Label oneshot.dev/state.
  std::string state;
  /// Empty: there is none, or it is not known.
  std::string pod_name;
  /// One for each change of state; the marker knows the Job.
  std::vector<kube::EventNote> events;
};

/// Writes labels of Jobs and their pods, and Events of Jobs, off every run's path: kubectl's view,
/// not the record, so a mark that cannot be written is dropped. Marks of one Job that wait together
/// become one patch of the Job and one of the pod. Threads: any.
class JobMarker {
 public:
  explicit JobMarker(kube::Client& client);

  void Mark(const std::string& job_name, JobMark mark);

 private:
  void Run(std::stop_token stop);
  void Write(const std::string& job_name, const JobMark& mark);

  kube::Client& client_;
  base::Guarded<std::map<std::string, JobMark>> waiting_;
  base::WakeUp wake_up_;
  std::jthread thread_;
};

}  // namespace oneshot::reconcile
