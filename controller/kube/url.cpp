#include "controller/kube/url.h"

namespace oneshot::kube {
namespace {

bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::string ResourcePath(std::string_view group, std::string_view run_namespace,
                         std::string_view plural, std::string_view name) {
  std::string path(group);
  path.append("/namespaces/").append(PercentEncode(run_namespace));
  path.append("/").append(plural);
  if (!name.empty()) path.append("/").append(PercentEncode(name));
  return path;
}

}  // namespace

std::string PercentEncode(std::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    if (IsUnreserved(c)) {
      encoded.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded.push_back('%');
    encoded.push_back(kHex[byte >> 4]);
    encoded.push_back(kHex[byte & 15]);
  }
  return encoded;
}

std::string JobsPath(std::string_view run_namespace, std::string_view name) {
  return ResourcePath("/apis/batch/v1", run_namespace, "jobs", name);
}

std::string PodsPath(std::string_view run_namespace, std::string_view name) {
  return ResourcePath("/api/v1", run_namespace, "pods", name);
}

}  // namespace oneshot::kube
