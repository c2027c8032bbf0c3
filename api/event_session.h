#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "api/http/responder.h"
#include "api/run_watch.h"
#include "api/wire/events.h"
#include "core/base/clock.h"
#include "core/base/utf8.h"
#include "core/store/run_store.h"

namespace oneshot::api {

/// Tells one client what happens to one run: what it has missed, then each change, until the end.
///
/// Everything comes from the store, so any replica can continue where another stopped. A client
/// that reads slowly is waited for with at most `kMaxPending` held for it, and let go when it reads
/// nothing for `kPatience`; it resumes by id. Threads: one look at a time (RunWatch sees to that).
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
  enum class Progress { kAllSent, kClientIsSlow, kAttemptIsOver, kStoreFailed };

  bool IsStalled();
  void BeginAttempt(int attempt);
  Progress SendOutput();
  std::string Encode(const domain::OutputRecord& record);
  RunWatch::Next SendEnd();
  void Write(const std::string& events);
  void BeatIfQuiet();

  store::RunStore& store_;
  const base::Clock& clock_;
  const std::string job_namespace_;
  const std::string run_id_;
  const std::shared_ptr<http::Stream> stream_;

  int attempt_{0};         // whose records are being sent; 0 before the first
  std::int64_t seq_{-1};   // the last record that was read
  std::int64_t skip_{-1};  // up to here the client has them: they are read for the characters they
                           // may leave unfinished
  std::array<base::Utf8Decoder, 2> decoders_;  // stdout, stderr
  std::string status_event_;                   // the last one sent

  base::MonotonicTime last_write_;
  std::size_t last_pending_{0};
  base::MonotonicTime last_reading_;  // when the client last took something
};

}  // namespace oneshot::api
