#include "api/queue_gate.h"

#include <utility>

namespace oneshot::api {
namespace {

std::int64_t BytesOf(const domain::RunSpec& spec) {
  std::int64_t bytes = std::ssize(spec.source) + std::ssize(spec.stdin_data);
  for (const std::string& argument : spec.args) bytes += std::ssize(argument);
  return bytes + domain::BytesOf(spec.files);
}

}  // namespace

base::Status QueueGate::Measure(std::chrono::milliseconds age) {
  const auto now = clock_.Monotonic();
  bool is_first = false;
  {
    auto state = state_.Acquire();
    if (state->measured_at && now - *state->measured_at < age) return {};
    is_first = !state->measured_at;
    // Others go on with the old numbers while this call measures.
    if (!is_first) state->measured_at = now;
  }
  auto load = store_.MeasureQueue();
  if (!load) return load.error();
  const auto stored_bytes = store_.StoredBytes();
  if (!stored_bytes) return stored_bytes.error();
  auto state = state_.Acquire();
  state->stored_bytes = *stored_bytes;
  state->load = *std::move(load);
  state->measured_at = now;
  return {};
}

base::Result<std::optional<QueueBound>> QueueGate::Enter(const store::Submission& submission) {
  if (const base::Status status = Measure(kMeasureEvery); !status) return status.error();
  const auto exceeded = Count(submission);
  if (!exceeded) return exceeded;
  if (const base::Status status = Measure(kMeasureAgain); !status) return status.error();
  return Count(submission);
}

std::optional<QueueBound> QueueGate::Count(const store::Submission& submission) {
  const std::int64_t bytes = BytesOf(submission.spec);
  auto state = state_.Acquire();
  store::QueueLoad& load = state->load;
  if (load.runs >= bounds_.runs) return QueueBound::kRuns;
  if (load.bytes + bytes > bounds_.bytes) return QueueBound::kBytes;
  if (state->stored_bytes + load.bytes + bytes > bounds_.stored_bytes)
    return QueueBound::kStoredBytes;
  std::int64_t& own_runs = load.runs_of_submitter[submission.submitter];
  if (own_runs >= bounds_.runs_per_submitter) return QueueBound::kRunsPerSubmitter;
  ++load.runs;
  ++own_runs;
  load.bytes += bytes;
  return std::nullopt;
}

}  // namespace oneshot::api
