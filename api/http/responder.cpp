#include "api/http/responder.h"

#include <utility>

namespace oneshot::api::http {

Responder::Responder(std::unique_ptr<Exchange> exchange, Request head)
    : exchange_(std::move(exchange)), head_(std::move(head)) {}

Responder::~Responder() {
  if (!exchange_) return;
  std::move(*this).Send(InternalError());
}

void Responder::Send(Response response) && {
  const auto exchange = std::exchange(exchange_, nullptr);
  if (!exchange) return;
  if (response.body.size() > kSmallBody && !exchange->HasRoomFor(response.body.size())) {
    if (response.small_body.empty()) {
      response = ToResponse({503, "overloaded", "Too many requests",
                             "Too many large answers are being read. Try again later.",
                             /*retry_after_seconds=*/2},
                            head_);
    } else {
      response.body = std::move(response.small_body);
    }
  }
  exchange->Reply(std::move(response));
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
  std::move(*this).Send(Problem{503, "overloaded", "Too many requests",
                                "No more streams can be opened now. Try again later.",
                                /*retry_after_seconds=*/2});
  return nullptr;
}

}  // namespace oneshot::api::http
