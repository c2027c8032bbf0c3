#include "api/event_session.h"

#include "api/wire/run_json.h"

namespace oneshot::api {
namespace {

// What is read from the store at once.
constexpr std::int64_t kPageBytes = 65'536;

}  // namespace

EventSession::EventSession(store::RunStore& store, const base::Clock& clock,
                           std::string job_namespace, std::string run_id,
                           std::optional<wire::EventId> resume,
                           std::shared_ptr<http::Stream> stream)
    : store_(store),
      clock_(clock),
      job_namespace_(std::move(job_namespace)),
      run_id_(std::move(run_id)),
      stream_(std::move(stream)),
      attempt_(resume ? resume->attempt : 0),
      skip_(resume ? resume->seq : -1),
      last_write_(clock.Monotonic()),
      last_reading_(clock.Monotonic()) {
  Write(std::string(wire::kRetry));
}

EventSession::~EventSession() { stream_->Close(); }

RunWatch::Next EventSession::Look(RunWatch::Reason reason) {
  if (stream_->IsOver() || reason == RunWatch::Reason::kStopping) return RunWatch::Next::kDone;
  if (stream_->Pending() > kMaxPending)
    return IsStalled() ? RunWatch::Next::kDone : RunWatch::Next::kSoon;

  const auto state = store_.GetState(run_id_);
  if (!state) {
    BeatIfQuiet();
    return state.error().code == base::ErrorCode::kNotFound ? RunWatch::Next::kDone
                                                            : RunWatch::Next::kWait;
  }
  if (state->attempt != attempt_) BeginAttempt(state->attempt);
  if (!domain::IsTerminal(state->status)) {  // how it ended is told after all of its output
    const bool is_queued = state->status == domain::RunStatus::kQueued;
    std::string event = wire::StatusEvent(
        state->status, is_queued ? std::optional(state->queue_position) : std::nullopt,
        state->attempt);
    if (event != status_event_) Write(event);
    status_event_ = std::move(event);
  }

  // The state was read before the output: when it is final, the output is complete.
  switch (SendOutput()) {
    case Progress::kAllSent:
      break;
    case Progress::kClientIsSlow:
    case Progress::kAttemptIsOver:
      return RunWatch::Next::kSoon;
    case Progress::kStoreFailed:
      return RunWatch::Next::kWait;
  }
  if (domain::IsTerminal(state->status)) return SendEnd();
  BeatIfQuiet();
  return RunWatch::Next::kWait;
}

bool EventSession::IsStalled() {
  const std::size_t pending = stream_->Pending();
  const auto now = clock_.Monotonic();
  if (pending != last_pending_) last_reading_ = now;
  last_pending_ = pending;
  return now - last_reading_ > kPatience;
}

void EventSession::BeginAttempt(int attempt) {
  if (attempt_ != 0) Write(wire::ResetEvent(attempt));
  attempt_ = attempt;
  seq_ = -1;
  skip_ = -1;
  decoders_ = {};
}

EventSession::Progress EventSession::SendOutput() {
  while (true) {
    const auto page = store_.ReadOutput(run_id_, attempt_, seq_, kPageBytes);
    if (!page) return Progress::kStoreFailed;
    if (page->attempt != attempt_) return Progress::kAttemptIsOver;
    std::int64_t bytes = 0;
    std::string events;
    for (const domain::OutputRecord& record : page->records) {
      seq_ = record.seq;
      bytes += static_cast<std::int64_t>(record.data.size());
      events += Encode(record);
    }
    if (!events.empty()) Write(events);
    if (bytes < kPageBytes) return Progress::kAllSent;
    if (stream_->Pending() > kMaxPending) return Progress::kClientIsSlow;
  }
}

std::string EventSession::Encode(const domain::OutputRecord& record) {
  const wire::EventId id{attempt_, record.seq};
  if (record.stream == domain::Stream::kDisplay)
    return record.seq <= skip_ ? "" : wire::DisplayEvent(record, id);
  base::Utf8Decoder& decoder = decoders_[record.stream == domain::Stream::kStdout ? 0 : 1];
  // What was dropped in between cannot complete a character.
  std::string text = record.dropped_bytes > 0 ? decoder.Finish() : "";
  text += decoder.Feed(record.data);
  return record.seq <= skip_ ? "" : wire::OutputEvent(record, text, id);
}

RunWatch::Next EventSession::SendEnd() {
  const auto run = store_.Get(run_id_);
  if (!run) return RunWatch::Next::kWait;
  if (run->attempt != attempt_) return RunWatch::Next::kSoon;
  std::string events;
  for (const auto stream : {domain::Stream::kStdout, domain::Stream::kStderr}) {
    const std::string rest = decoders_[stream == domain::Stream::kStdout ? 0 : 1].Finish();
    if (rest.empty()) continue;
    domain::OutputRecord record;
    record.stream = stream;
    record.ms = run->outcome ? run->outcome->wall_ms.value_or(0) : 0;
    events += wire::OutputEvent(record, rest, std::nullopt);
  }
  events += wire::EndEvent(wire::RunToJson({.run = *run, .job_namespace = job_namespace_}));
  Write(events);
  return RunWatch::Next::kDone;
}

void EventSession::Write(const std::string& events) {
  last_write_ = clock_.Monotonic();
  stream_->Write(events);
  last_pending_ = stream_->Pending();
  last_reading_ = last_write_;
}

void EventSession::BeatIfQuiet() {
  if (clock_.Monotonic() - last_write_ >= kHeartbeatPeriod) Write(std::string(wire::kHeartbeat));
}

}  // namespace oneshot::api
