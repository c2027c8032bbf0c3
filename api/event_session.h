#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/paced_stream.h"
#include "api/run_watch.h"
#include "api/wire/events.h"
#include "api/wire/output.h"
#include "core/base/clock.h"
#include "core/store/run_store.h"

namespace oneshot::api {

/// Tells one client what happens to one run: what it has missed, then each change, until the end.
///
/// Everything comes from the store, so any replica can continue where another stopped. A slow
/// client has at most PacedStream::kMaxPending and one write held for it; one that does not read is
/// disconnected and resumes by id. Threads: one look at a time (RunWatch sees to that).
class EventSession {
 public:
  static constexpr std::chrono::seconds kHeartbeatPeriod{15};

  /// `resume` is the last record that the client has. `store` and `clock` must outlive it.
  EventSession(store::RunStore& store, const base::Clock& clock, std::string job_namespace,
               std::string run_id, std::optional<wire::EventId> resume,
               std::shared_ptr<http::Stream> stream);
  ~EventSession();

  RunWatch::Next Look(RunWatch::Reason reason);

 private:
  void BeginAttempt(int attempt);
  void SendStatus(const store::RunLook& look);
  /// False when the client has enough now; what of them it was not sent is read again later.
  bool SendOutput(const std::vector<domain::OutputRecord>& records);
  std::string Encode(const domain::OutputRecord& record);
  RunWatch::Next SendEnd();
  /// Sends a heartbeat when nothing was sent for long.
  RunWatch::Next Wait();

  store::RunStore& store_;
  const std::string job_namespace_;
  const std::string run_id_;
  PacedStream stream_;

  // What was read from the store; attempt 0 is before the first.
  store::OutputPosition seen_;
  // The client has the records up to this one. They are read only for the characters that they may
  // leave unfinished.
  std::int64_t skip_{-1};
  wire::PieceDecoder decoder_;
  std::string last_status_event_;
};

}  // namespace oneshot::api
