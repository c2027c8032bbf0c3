#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/kube/client.h"
#include "core/base/clock.h"
#include "core/base/guarded.h"
#include "core/base/loop.h"

namespace oneshot::reconcile {

/// What kubectl should show of a Job and its pod.
struct JobMark {
  std::string run_id;
  int attempt{0};
  /// Label oneshot.dev/state.
  std::string state;
  /// Empty: there is none, or it is not known.
  std::string pod_name;
  /// Set: how long the Job stays once it has finished. Only now, because until the run's end is
  /// stored its pod may be all that knows it.
  std::optional<std::int64_t> ttl_seconds{};
  /// One for each change of state; the marker knows the Job.
  std::vector<kube::EventNote> events;
};

/// Writes labels of Jobs and their pods, and Events of Jobs, off every run's path: kubectl's view,
/// not the record, so a mark that cannot be written is dropped. Marks of one Job that wait together
/// become one patch of the Job and one of the pod. Threads: Mark from any.
class JobMarker final : public base::Loop {
 public:
  JobMarker(kube::Client& client, const base::Clock& clock);

  void Mark(const std::string& job_name, JobMark mark);

  /// Writes what still waits and is the last that is said of a Job: no other controller would say
  /// it. For the end of a term, when nothing marks any more. Ends at the first call that fails.
  void WriteLastMarks();

  /// Writes what has waited for its moment.
  std::chrono::nanoseconds Step(const std::stop_token& stop, bool woken) override;

 private:
  std::map<std::string, JobMark> TakeWaiting();
  /// False when the Job could not be patched.
  bool Write(const std::string& job_name, const JobMark& mark);

  kube::Client& client_;
  const base::Clock& clock_;
  base::Guarded<std::map<std::string, JobMark>> waiting_;
  /// When the marks that wait are to be written; empty while none wait.
  std::optional<base::MonotonicTime> settled_at_;
};

}  // namespace oneshot::reconcile
