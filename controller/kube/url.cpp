#include "controller/kube/url.h"

#include <curl/curl.h>

#include <cstdlib>
#include <memory>

namespace oneshot::kube {
namespace {

std::string ResourcePath(const char* group, const std::string& its_namespace, const char* plural,
                         const std::string& name) {
  std::string path = group + ("/namespaces/" + PercentEncode(its_namespace)) + "/" + plural;
  if (!name.empty()) path += "/" + PercentEncode(name);
  return path;
}

}  // namespace

std::string PercentEncode(const std::string& text) {
  const std::unique_ptr<char, decltype(&curl_free)> encoded(
      curl_easy_escape(nullptr, text.c_str(), static_cast<int>(text.size())), &curl_free);
  if (encoded == nullptr) std::abort();  // out of memory
  return encoded.get();
}

std::string JobsPath(const std::string& run_namespace, const std::string& name) {
  return ResourcePath("/apis/batch/v1", run_namespace, "jobs", name);
}

std::string PodsPath(const std::string& run_namespace, const std::string& name) {
  return ResourcePath("/api/v1", run_namespace, "pods", name);
}

std::string EventsPath(const std::string& run_namespace) {
  return ResourcePath("/apis/events.k8s.io/v1", run_namespace, "events", {});
}

std::string LeasesPath(const std::string& system_namespace, const std::string& name) {
  return ResourcePath("/apis/coordination.k8s.io/v1", system_namespace, "leases", name);
}

}  // namespace oneshot::kube
