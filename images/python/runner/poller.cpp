#include "images/python/runner/poller.h"

#include <algorithm>
#include <array>
#include <cerrno>

namespace oneshot::runner {

bool Poller::Watch(Source source, int fd, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.u32 = static_cast<std::uint32_t>(source);
  return epoll_ctl(epoll_.Get(), EPOLL_CTL_ADD, fd, &event) == 0 || errno == EEXIST;
}

void Poller::Forget(int fd) { epoll_ctl(epoll_.Get(), EPOLL_CTL_DEL, fd, nullptr); }

std::vector<Source> Poller::Wait(std::optional<std::chrono::milliseconds> timeout) {
  // Fits epoll's int; waking once a minute costs nothing.
  constexpr std::chrono::milliseconds kLongest{60'000};
  const int milliseconds =
      timeout
          ? static_cast<int>(std::clamp(*timeout, std::chrono::milliseconds(0), kLongest).count())
          : -1;
  std::array<epoll_event, 8> events;
  const int count =
      epoll_wait(epoll_.Get(), events.data(), static_cast<int>(events.size()), milliseconds);
  std::vector<Source> ready;
  for (int i = 0; i < count; ++i)
    ready.push_back(static_cast<Source>(events[static_cast<std::size_t>(i)].data.u32));
  return ready;
}

}  // namespace oneshot::runner
