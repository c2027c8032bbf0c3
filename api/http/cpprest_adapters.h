/// What listener.cpp needs around cpprestsdk's tasks and buffers. Included by listener.cpp alone,
/// so that nothing else is compiled with cpprestsdk.
#pragma once

#include <cpprest/http_msg.h>
#include <cpprest/producerconsumerstream.h>

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "api/http/responder.h"

namespace oneshot::api::http {

/// Ends a chain of tasks. Every chain must end here: an exception that is not observed ends the
/// process (cpprestsdk #1207).
template <typename T, typename Then>
void Conclude(pplx::task<T> task, Then then) {
  task.then([then = std::move(then)](pplx::task<T> done) {
    bool succeeded = true;
    try {
      done.get();
    } catch (...) {
      // The client has gone.
      succeeded = false;
    }
    then(succeeded);
  });
}

/// Looks at the result of a task that a buffer in memory completed at once.
template <typename T>
void Look(const pplx::task<T>& task) {
  if (!task.is_done()) return Conclude(task, [](bool) {});
  try {
    task.get();
  } catch (...) {  // the read end is closed: IsOver tells
  }
}

using Buffer = concurrency::streams::producer_consumer_buffer<std::uint8_t>;

/// A stream as a buffer in memory that cpprestsdk reads from.
class BufferStream final : public Stream {
 public:
  Buffer& buffer() { return buffer_; }

  bool Write(std::string_view bytes) override {
    const std::lock_guard lock(mutex_);
    if (over_ || closed_) return false;
    Look(buffer_.putn_nocopy(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
    Look(buffer_.sync());  // without it nothing leaves before 4096 bytes have come together
    return true;
  }
  std::size_t Pending() const override { return buffer_.in_avail(); }
  void Close() override {
    const std::lock_guard lock(mutex_);
    if (closed_.exchange(true)) return;
    Look(buffer_.close(std::ios_base::out));
  }
  bool IsOver() const override { return over_ || closed_; }

  /// The response has been sent, or cannot be.
  void End() {
    over_ = true;
    Close();
  }

 private:
  mutable Buffer buffer_;
  std::mutex mutex_;
  std::atomic<bool> closed_{false};
  std::atomic<bool> over_{false};
};

/// Reads a body piece by piece and counts. What is over the limit is read and thrown away, because
/// cpprestsdk sends an answer only after the whole request.
class BodyReader : public std::enable_shared_from_this<BodyReader> {
 public:
  enum class Outcome { kComplete, kTooLarge, kBroken };
  using Done = std::function<void(Outcome, std::string)>;

  BodyReader(const web::http::http_request& message, std::size_t limit, Done done)
      : buffer_(message.body().streambuf()), limit_(limit), done_(std::move(done)) {}

  void Next() {
    buffer_.getn(piece_.data(), piece_.size())
        .then([self = shared_from_this()](pplx::task<std::size_t> read) {
          try {
            self->Take(read.get());
          } catch (...) {
            self->Finish(Outcome::kBroken);
          }
        });
  }

 private:
  void Take(std::size_t size) {
    if (size == 0) return Finish(too_large_ ? Outcome::kTooLarge : Outcome::kComplete);
    if (body_.size() + size > limit_) {
      too_large_ = true;
      body_.clear();
      body_.shrink_to_fit();
    }
    if (!too_large_) body_.append(reinterpret_cast<const char*>(piece_.data()), size);
    Next();
  }
  void Finish(Outcome outcome) {
    if (const Done done = std::exchange(done_, nullptr)) done(outcome, std::move(body_));
  }

  concurrency::streams::streambuf<std::uint8_t> buffer_;
  const std::size_t limit_;
  Done done_;
  std::array<std::uint8_t, 16'384> piece_{};
  std::string body_;
  bool too_large_{false};
};

}  // namespace oneshot::api::http
