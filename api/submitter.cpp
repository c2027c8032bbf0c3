#include "api/submitter.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>

namespace oneshot::api {
namespace {

constexpr std::size_t kNetworkBytes = 8;

std::string Text(int family, const void* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  return inet_ntop(family, address, text.data(), text.size());
}

}  // namespace

std::string SubmitterOf(const http::Request& request) {
  const std::string client = request.Header("X-Forwarded-For");
  in_addr four{};
  if (inet_pton(AF_INET, client.c_str(), &four) == 1) return "address:" + Text(AF_INET, &four);
  in6_addr six{};
  if (inet_pton(AF_INET6, client.c_str(), &six) != 1) return "unknown";
  if (IN6_IS_ADDR_V4MAPPED(&six)) return "address:" + Text(AF_INET, &six.s6_addr[12]);
  std::fill(std::begin(six.s6_addr) + kNetworkBytes, std::end(six.s6_addr), 0);
  return "address:" + Text(AF_INET6, &six) + "/64";
}

}  // namespace oneshot::api
