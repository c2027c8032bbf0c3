#pragma once

#include <memory>
#include <string_view>

#include "api/http/responder.h"
#include "core/base/clock.h"

namespace oneshot::api {

/// A stream that is written no faster than its client reads. Threads: one at a time.
class PacedStream {
 public:
  /// How much a client may leave with us before it gets more: what a slow one costs, together with
  /// the last write.
  static constexpr std::size_t kMaxPending = 131'072;
  /// Who reads nothing for so long is given up.
  static constexpr std::chrono::seconds kPatience{30};

  enum class Client {
    kReads,
    /// It has enough to read for now.
    kIsBusy,
    /// It has gone, or does not read.
    kIsLost,
  };

  /// `clock` must outlive it.
  PacedStream(const base::Clock& clock, std::shared_ptr<http::Stream> stream);

  /// Call it before a write.
  Client Look();
  void Write(std::string_view bytes);
  void Close() { stream_->Close(); }
  void Abort() { stream_->Abort(); }

  /// How long nothing was written.
  base::MonotonicTime::duration Silence() const { return clock_.Monotonic() - last_write_; }

 private:
  const base::Clock& clock_;
  const std::shared_ptr<http::Stream> stream_;
  base::MonotonicTime last_write_;
  std::size_t last_pending_{0};
  // When the client last took something.
  base::MonotonicTime last_reading_;
};

}  // namespace oneshot::api
