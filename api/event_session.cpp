#include "api/event_session.h"

#include "api/output_page.h"
#include "api/wire/objects.h"

namespace oneshot::api {
namespace {

// As many events are written at once. A record of single characters gives fifty times its bytes.
constexpr std::size_t kWriteBytes = 32'768;

}  // namespace

EventSession::EventSession(store::RunStore& store, const base::Clock& clock,
                           std::string job_namespace, std::string run_id,
                           std::optional<wire::EventId> resume,
                           std::shared_ptr<http::Stream> stream)
    : store_(store),
      job_namespace_(std::move(job_namespace)),
      run_id_(std::move(run_id)),
      stream_(clock, std::move(stream)),
      seen_{.attempt = resume ? resume->attempt : 0},
      skip_(resume ? resume->seq : -1) {
  stream_.Write(wire::kRetry);
}

EventSession::~EventSession() { stream_.Close(); }

RunWatch::Next EventSession::Look(RunWatch::Reason reason) {
  if (reason == RunWatch::Reason::kStopping) return RunWatch::Next::kDone;
  while (true) {
    switch (stream_.Look()) {
      case PacedStream::Client::kIsLost:
        return RunWatch::Next::kDone;
      case PacedStream::Client::kIsBusy:
        return RunWatch::Next::kSoon;
      case PacedStream::Client::kReads:
        break;
    }
    const auto look = store_.Look(run_id_, seen_, kOutputPageBytes);
    if (!look)
      return look.error().code == base::ErrorCode::kNotFound ? RunWatch::Next::kDone : Wait();
    if (look->attempt != seen_.attempt) BeginAttempt(look->attempt);
    SendStatus(*look);
    if (!SendOutput(look->output)) continue;
    if (!look->has_more) return domain::IsTerminal(look->status) ? SendEnd() : Wait();
  }
}

void EventSession::BeginAttempt(int attempt) {
  if (seen_.attempt != 0) stream_.Write(wire::ResetEvent(attempt));
  seen_ = {.attempt = attempt};
  skip_ = -1;
  decoder_ = {};
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
  if (event != last_status_event_) stream_.Write(event);
  last_status_event_ = std::move(event);
}

bool EventSession::SendOutput(const std::vector<domain::OutputRecord>& records) {
  std::string events;
  for (const domain::OutputRecord& record : records) {
    if (events.size() >= kWriteBytes) {
      stream_.Write(std::exchange(events, {}));
      if (stream_.Look() != PacedStream::Client::kReads) return false;
    }
    seen_.seq = record.seq;
    events += Encode(record);
  }
  if (!events.empty()) stream_.Write(events);
  return stream_.Look() == PacedStream::Client::kReads;
}

std::string EventSession::Encode(const domain::OutputRecord& record) {
  const bool is_known = record.seq <= skip_;
  const wire::EventId id{seen_.attempt, record.seq};
  if (record.display) {
    if (is_known || !wire::IsShown(record)) return "";
    return wire::DisplayEvent(run_id_, *record.display->whole, record.ms, id);
  }
  std::string events;
  for (const domain::OutputPiece& piece : record.pieces) {
    const std::string text = decoder_.Decode(piece);
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
    const std::string rest = decoder_.Finish(stream);
    if (rest.empty()) continue;
    const std::int64_t ms = run->outcome ? run->outcome->wall_ms.value_or(0) : 0;
    events += wire::OutputEvent({.stream = stream}, ms, rest, std::nullopt);
  }
  events += wire::EndEvent(wire::RunToJson({.run = *std::move(run)}, job_namespace_));
  stream_.Write(events);
  return RunWatch::Next::kDone;
}

RunWatch::Next EventSession::Wait() {
  if (stream_.Silence() >= kHeartbeatPeriod) stream_.Write(wire::kHeartbeat);
  return RunWatch::Next::kWait;
}

}  // namespace oneshot::api
