#include "api/event_session.h"

#include "api/wire/objects.h"

namespace oneshot::api {
namespace {

// How much output is read from the store at once.
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
      seen_{.attempt = resume ? resume->attempt : 0},
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

  while (true) {
    const auto look = store_.Look(run_id_, seen_, kPageBytes);
    if (!look)
      return look.error().code == base::ErrorCode::kNotFound ? RunWatch::Next::kDone : Wait();
    if (look->attempt != seen_.attempt) BeginAttempt(look->attempt);
    SendStatus(*look);
    SendOutput(look->output);
    if (stream_->Pending() > kMaxPending) return RunWatch::Next::kSoon;
    if (!look->has_more) return domain::IsTerminal(look->status) ? SendEnd() : Wait();
  }
}

bool EventSession::IsStalled() {
  const std::size_t pending = stream_->Pending();
  const auto now = clock_.Monotonic();
  if (pending != last_pending_) last_reading_ = now;
  last_pending_ = pending;
  return now - last_reading_ > kPatience;
}

void EventSession::BeginAttempt(int attempt) {
  if (seen_.attempt != 0) Write(wire::ResetEvent(attempt));
  seen_ = {.attempt = attempt};
  skip_ = -1;
  decoders_ = {};
}

void EventSession::SendStatus(const store::RunLook& look) {
  if (domain::IsTerminal(look.status)) return;  // the end is sent after all output
  const bool is_queued = look.status == domain::RunStatus::kQueued;
  std::string event = wire::StatusEvent(
      {.status = look.status,
       .queue_position = is_queued ? std::optional(look.queue_position) : std::nullopt,
       .starts_in = look.starts_in,
       .attempt = look.attempt,
       .message = look.message,
       .interruptions = look.interruptions});
  if (event != last_status_event_) Write(event);
  last_status_event_ = std::move(event);
}

void EventSession::SendOutput(const std::vector<domain::OutputRecord>& records) {
  std::string events;
  for (const domain::OutputRecord& record : records) {
    seen_.seq = record.seq;
    events += Encode(record);
  }
  if (!events.empty()) Write(events);
}

std::string EventSession::Encode(const domain::OutputRecord& record) {
  const bool is_known = record.seq <= skip_;
  const wire::EventId id{seen_.attempt, record.seq};
  if (record.display) return is_known ? "" : wire::DisplayEvent(*record.display, record.ms, id);
  std::string events;
  for (const domain::OutputPiece& piece : record.pieces) {
    base::Utf8Decoder& decoder = DecoderOf(piece.stream);
    // The bytes that follow a gap cannot complete a character.
    std::string text = piece.dropped_bytes > 0 ? decoder.Finish() : "";
    text += decoder.Feed(piece.data);
    const bool is_last = &piece == &record.pieces.back();
    if (!is_known)
      events +=
          wire::OutputEvent(piece, record.ms, text, is_last ? std::optional(id) : std::nullopt);
  }
  return events;
}

RunWatch::Next EventSession::SendEnd() {
  auto run = store_.Get(run_id_);
  if (!run) return RunWatch::Next::kWait;
  std::string events;
  for (const auto stream : {domain::Stream::kStdout, domain::Stream::kStderr}) {
    const std::string rest = DecoderOf(stream).Finish();
    if (rest.empty()) continue;
    const std::int64_t ms = run->outcome ? run->outcome->wall_ms.value_or(0) : 0;
    events += wire::OutputEvent({.stream = stream}, ms, rest, std::nullopt);
  }
  events += wire::EndEvent(wire::RunToJson({.run = *std::move(run)}, job_namespace_));
  Write(events);
  return RunWatch::Next::kDone;
}

void EventSession::Write(const std::string& events) {
  last_write_ = clock_.Monotonic();
  stream_->Write(events);
  last_pending_ = stream_->Pending();
  last_reading_ = last_write_;
}

RunWatch::Next EventSession::Wait() {
  if (clock_.Monotonic() - last_write_ >= kHeartbeatPeriod) Write(std::string(wire::kHeartbeat));
  return RunWatch::Next::kWait;
}

}  // namespace oneshot::api
