#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "api/http/message.h"
#include "api/http/problem.h"

namespace oneshot::api::http {

/// The body of a response that is written while it is being produced. Threads: any.
class Stream {
 public:
  virtual ~Stream() = default;
  /// Hands `bytes` to the connection at once and never waits. False when the stream is over.
  virtual bool Write(std::string_view bytes) = 0;
  /// Bytes written but not yet taken by the connection: what a slow client makes us hold.
  virtual std::size_t Pending() const = 0;
  /// No more writes. What is pending still goes out, and then the client knows that it has all.
  virtual void Close() = 0;
  /// As Close, but the connection breaks where the body stops: the client must not take for the
  /// whole what is only a part.
  virtual void Abort() = 0;
  /// Ended by us, or the client has gone (which shows only when something is written).
  virtual bool IsOver() const = 0;
};

/// One request's way back to its client, as a server provides it. Used once, from any thread.
class Exchange {
 public:
  virtual ~Exchange() = default;
  virtual void Reply(Response response) = 0;
  /// May `size` more bytes be held until clients have read them?
  virtual bool HasRoomFor(std::size_t size) const = 0;
  /// Sends the head of `response`, then whatever is written. Null when the server is stopping or
  /// has enough streams.
  virtual std::shared_ptr<Stream> Open(Response response) = 0;
};

/// Answers a request exactly once: when it is destroyed unanswered, as by an exception, the client
/// gets a 500 instead of silence (cpprestsdk would keep the connection forever). Threads: one at a
/// time.
class Responder {
 public:
  /// `head` identifies the request in the answer of last resort; its body is not needed.
  Responder(std::unique_ptr<Exchange> exchange, Request head);
  Responder(Responder&&) noexcept = default;
  Responder& operator=(Responder&&) = delete;
  ~Responder();

  /// The request without its body.
  const Request& head() const { return head_; }

  void Send(Response response) &&;
  void Send(const Problem& problem) &&;
  /// Null when no stream can be had; the client has its answer then.
  std::shared_ptr<Stream> SendStream(Response head) &&;

 private:
  std::unique_ptr<Exchange> exchange_;
  Request head_;
};

}  // namespace oneshot::api::http
