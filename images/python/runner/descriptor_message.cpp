#include "images/python/runner/descriptor_message.h"

#include <sys/socket.h>

#include <array>
#include <cstring>

namespace oneshot::runner {
namespace {

/// A message with text and room for exactly one descriptor: where there is padding that a second
/// one fits into, the kernel fills it.
struct Message {
  explicit Message(std::span<char> text) : payload{text.data(), text.size()} {
    header.msg_iov = &payload;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = CMSG_LEN(sizeof(int));
  }
  Message(const Message&) = delete;

  iovec payload;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr header{};
};

}  // namespace

bool SendWithDescriptor(int socket, std::span<char> text, int descriptor) {
  Message message(text);
  cmsghdr* header = CMSG_FIRSTHDR(&message.header);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof descriptor);
  std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
  return sendmsg(socket, &message.header, MSG_NOSIGNAL) >= 0;
}

ssize_t ReceiveWithDescriptor(int socket, std::span<char> text, UniqueFd& descriptor) {
  Message message(text);
  const ssize_t got = recvmsg(socket, &message.header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  const cmsghdr* header = got < 0 ? nullptr : CMSG_FIRSTHDR(&message.header);
  if (header != nullptr && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
    int received = -1;
    std::memcpy(&received, CMSG_DATA(header), sizeof received);
    descriptor = UniqueFd(received);
  }
  return got;
}

}  // namespace oneshot::runner
