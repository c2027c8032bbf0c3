#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/http/responder.h"
#include "api/run_watch.h"
#include "api/wire/events.h"
#include "core/base/clock.h"
#include "core/base/utf8.h"
#include "core/store/run_store.h"

namespace oneshot::api {

/// Tells one client what happens to one run: what it has missed, then each change, until the end.
///
/// Everything comes from the store, so any replica can continue where another stopped. A slow
/// client has at most `kMaxPending` and a page held for it; one that reads nothing for `kPatience`
/// is disconnected and resumes by id. Threads: one look at a time (RunWatch sees to that).
class EventSession {
 public:
  static constexpr std::size_t kMaxPending = 131'072;
  static constexpr std::chrono::seconds kPatience{30};
  static constexpr std::chrono::seconds kHeartbeatPeriod{15};

  /// `resume` is the last record that the client has. `store` and `clock` must outlive it.
  EventSession(store::RunStore& store, const base::Clock& clock, std::string job_namespace,
               std::string run_id, std::optional<wire::EventId> resume,
               std::shared_ptr<http::Stream> stream);
  ~EventSession();

  RunWatch::Next Look(RunWatch::Reason reason);

 private:
  bool IsStalled();
  void BeginAttempt(int attempt);
  void SendStatus(const store::RunLook& look);
  void SendOutput(const std::vector<domain::OutputRecord>& records);
  std::string Encode(const domain::OutputRecord& record);
  base::Utf8Decoder& DecoderOf(domain::Stream stream) {
    return decoders_[stream == domain::Stream::kStdout ? 0 : 1];
  }
  RunWatch::Next SendEnd();
  /// Sends a heartbeat when nothing was sent for long.
  RunWatch::Next Wait();
  void Write(const std::string& events);

  store::RunStore& store_;
  const base::Clock& clock_;
  const std::string job_namespace_;
  const std::string run_id_;
  const std::shared_ptr<http::Stream> stream_;

  // What was read from the store; attempt 0 is before the first.
  store::OutputPosition seen_;
  // The client has the records up to this one. They are read only for the characters that they may
  // leave unfinished.
  std::int64_t skip_{-1};
  // Of stdout and stderr.
  std::array<base::Utf8Decoder, 2> decoders_;
  std::string last_status_event_;

  base::MonotonicTime last_write_;
  std::size_t last_pending_{0};
  // When the client last took something.
  base::MonotonicTime last_reading_;
};

}  // namespace oneshot::api
