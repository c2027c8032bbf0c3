#include "api/http/responder.h"

#include <utility>

namespace oneshot::api::http {

Responder::Responder(std::unique_ptr<Exchange> exchange, Request head)
    : exchange_(std::move(exchange)), head_(std::move(head)) {}

Responder::~Responder() {
  if (!exchange_) return;
  std::move(*this).Send(
      Problem{.status = 500,
              .code = "internal",
              .title = "Something went wrong on our side",
              .detail = "The request was not answered; its id helps to find out why."});
}

void Responder::Send(Response response) && {
  const auto exchange = std::exchange(exchange_, nullptr);
  if (exchange) exchange->Reply(std::move(response));
}

void Responder::Send(const Problem& problem) && {
  std::move(*this).Send(ToResponse(problem, head_));
}

std::shared_ptr<Stream> Responder::SendStream(Response head) && {
  if (!exchange_) return nullptr;
  auto stream = exchange_->Open(std::move(head));
  if (stream) {
    exchange_.reset();
    return stream;
  }
  std::move(*this).Send(Problem{.status = 503,
                                .code = "overloaded",
                                .title = "Too many requests at once",
                                .detail = "No more streams can be opened now.",
                                .retry_after_seconds = 2});
  return nullptr;
}

}  // namespace oneshot::api::http
