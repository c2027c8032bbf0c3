#include "api/paced_stream.h"

#include <utility>

namespace oneshot::api {

PacedStream::PacedStream(const base::Clock& clock, std::shared_ptr<http::Stream> stream)
    : clock_(clock),
      stream_(std::move(stream)),
      last_write_(clock.Monotonic()),
      last_reading_(clock.Monotonic()) {}

PacedStream::Client PacedStream::Look() {
  if (stream_->IsOver()) return Client::kIsLost;
  const std::size_t pending = stream_->Pending();
  const auto now = clock_.Monotonic();
  if (pending != last_pending_) last_reading_ = now;
  last_pending_ = pending;
  if (pending <= kMaxPending) return Client::kReads;
  return now - last_reading_ > kPatience ? Client::kIsLost : Client::kIsBusy;
}

void PacedStream::Write(std::string_view bytes) {
  last_write_ = clock_.Monotonic();
  stream_->Write(bytes);
  last_pending_ = stream_->Pending();
  last_reading_ = last_write_;
}

}  // namespace oneshot::api
