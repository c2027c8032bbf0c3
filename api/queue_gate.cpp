#include "api/queue_gate.h"

#include <utility>

namespace oneshot::api {
namespace {

std::int64_t BytesOf(const domain::RunSpec& spec) {
  std::int64_t bytes = std::ssize(spec.source) + std::ssize(spec.stdin_data);
  for (const std::string& argument : spec.args) bytes += std::ssize(argument);
  return bytes;
}

}  // namespace

base::Status QueueGate::MeasureIfOld() {
  const auto now = clock_.Monotonic();
  bool is_first = false;
  {
    auto state = state_.Acquire();
    if (state->measured_at && now - *state->measured_at < kMeasureEvery) return {};
    is_first = !state->measured_at;
    // Others go on with the old numbers while this call measures.
    if (!is_first) state->measured_at = now;
  }
  auto load = store_.MeasureQueue();
  if (!load) return load.error();
  auto state = state_.Acquire();
  state->load = *std::move(load);
  state->measured_at = now;
  return {};
}

base::Result<std::optional<QueueBound>> QueueGate::Enter(const store::Submission& submission) {
  if (const base::Status status = MeasureIfOld(); !status) return status.error();
  const std::int64_t bytes = BytesOf(submission.spec);
  auto state = state_.Acquire();
  store::QueueLoad& load = state->load;
  if (load.runs >= bounds_.runs) return std::optional(QueueBound::kRuns);
  if (load.bytes + bytes > bounds_.bytes) return std::optional(QueueBound::kBytes);
  std::int64_t& own_runs = load.runs_of_submitter[submission.submitter];
  if (own_runs >= bounds_.runs_per_submitter) return std::optional(QueueBound::kRunsPerSubmitter);
  ++load.runs;
  ++own_runs;
  load.bytes += bytes;
  return std::optional<QueueBound>();
}

}  // namespace oneshot::api
