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
#include <stdexcept>
#include <string>
#include <utility>

#include "api/http/responder.h"

namespace oneshot::api::http {

/// Takes the result of a task that is done. Every chain of tasks must end here: an exception that
/// is not observed ends the process (cpprestsdk #1207).
template <typename T>
void Observe(const pplx::task<T>& task) {
  try {
    task.get();
  } catch (...) {  // the client has gone: IsOver tells
  }
}

/// Ends a chain of tasks, whether it succeeds or not.
template <typename T, typename Then>
void Conclude(const pplx::task<T>& task, Then then) {
  task.then([then = std::move(then)](const pplx::task<T>& done) {
    Observe(done);
    then();
  });
}

/// For the tasks of a buffer in memory, which are usually done at once.
template <typename T>
void Look(const pplx::task<T>& task) {
  if (task.is_done()) return Observe(task);
  Conclude(task, [] {});
}

using Buffer = concurrency::streams::producer_consumer_buffer<std::uint8_t>;

/// A stream as a buffer in memory that cpprestsdk reads from.
class BufferStream final : public Stream {
 public:
  Buffer& buffer() { return buffer_; }

  bool Write(std::string_view bytes) override {
    const std::lock_guard lock(mutex_);
    if (closed_) return false;
    Look(buffer_.putn_nocopy(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
    // Without it nothing leaves before 4096 bytes have come together.
    Look(buffer_.sync());
    return true;
  }
  std::size_t Pending() const override { return buffer_.in_avail(); }
  void Close() override {
    const std::lock_guard lock(mutex_);
    if (!closed_.exchange(true)) Look(buffer_.close(std::ios_base::out));
  }
  /// cpprestsdk closes the connection without the last chunk when the body cannot be read.
  void Abort() override {
    const std::lock_guard lock(mutex_);
    if (closed_.exchange(true)) return;
    const auto why = std::make_exception_ptr(std::runtime_error("the body is not complete"));
    Look(buffer_.close(std::ios_base::out, why));
  }
  bool IsOver() const override { return closed_; }

 private:
  mutable Buffer buffer_;
  std::mutex mutex_;
  std::atomic<bool> closed_{false};
};

/// Reads a body piece by piece and counts. What is over the limit is read and thrown away, because
/// cpprestsdk sends an answer only after the whole request.
class BodyReader : public std::enable_shared_from_this<BodyReader> {
 public:
  /// `problem` is null when the body is complete.
  using Done = std::function<void(const Problem* problem, std::string body)>;

  BodyReader(const web::http::http_request& message, std::size_t limit, Done done)
      : buffer_(message.body().streambuf()), limit_(limit), done_(std::move(done)) {}

  void Next() {
    buffer_.getn(piece_.data(), piece_.size())
        .then([self = shared_from_this()](pplx::task<std::size_t> read) {
          try {
            self->Take(read.get());
          } catch (...) {
            self->Refuse({400, "malformed_request", "Malformed request",
                          "The request body could not be read."});
          }
        });
  }

 private:
  void Take(std::size_t size) {
    if (size == 0 && too_large_)
      return Refuse({413, "body_too_large", "The request body is too large",
                     "The limit is " + std::to_string(limit_) + " bytes."});
    if (size == 0) return Finish(nullptr);
    if (body_.size() + size > limit_) {
      too_large_ = true;
      body_.clear();
      body_.shrink_to_fit();
    }
    if (!too_large_) body_.append(reinterpret_cast<const char*>(piece_.data()), size);
    Next();
  }
  void Refuse(Problem problem) {
    problem.closes_connection = true;
    Finish(&problem);
  }
  void Finish(const Problem* problem) {
    if (const Done done = std::exchange(done_, nullptr)) done(problem, std::move(body_));
  }

  concurrency::streams::streambuf<std::uint8_t> buffer_;
  const std::size_t limit_;
  Done done_;
  std::array<std::uint8_t, 16'384> piece_{};
  std::string body_;
  bool too_large_{false};
};

}  // namespace oneshot::api::http
