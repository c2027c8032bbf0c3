#include "images/python/runner/display_channel.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

#include "images/python/runner/descriptor_message.h"

namespace oneshot::runner {

std::optional<DisplayOffer> ReceiveDisplay(UniqueFd& socket) {
  std::array<char, 8192> buffer;
  UniqueFd content;
  const ssize_t got = ReceiveWithDescriptor(socket.Get(), buffer, content);
  if (got > 0) {
    return DisplayOffer{std::string(buffer.data(), static_cast<std::size_t>(got)),
                        std::move(content)};
  }
  if (got == 0 || (errno != EAGAIN && errno != EINTR)) socket.Reset();
  return std::nullopt;
}

void AnswerDisplay(const UniqueFd& socket, std::string_view refusal) {
  // A program that reads no answers gets none.
  const std::string_view answer = refusal.empty() ? "shown" : refusal;
  send(socket.Get(), answer.data(), answer.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

}  // namespace oneshot::runner
