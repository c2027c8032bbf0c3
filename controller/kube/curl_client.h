#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "controller/kube/client.h"
#include "controller/kube/credentials.h"
#include "controller/kube/http.h"
#include "controller/kube/rate_limiter.h"

namespace oneshot::kube {

struct ClientOptions {
  std::string run_namespace;
  std::string system_namespace;
  /// Who we are, in Events.
  std::string instance;
  /// client-go's 5 starves a busy controller (argo-workflows#11069).
  double requests_per_second{50};
  int burst{100};
  std::chrono::milliseconds call_deadline{30'000};
  std::chrono::milliseconds first_retry{200};
  /// Time each throttled call spent waiting for the rate limit. From the calling thread.
  std::function<void(std::chrono::nanoseconds)> on_throttled;
};

/// `Client` on libcurl. Reads are retried within the call's deadline; a write is retried only after
/// 429, where the server says that it did nothing. (libcurl itself asks once more when a kept
/// connection turns out dead before any answer; every write here bears that, being bound to a name,
/// a uid or a version.) Lease calls skip the rate limit, because leadership must not wait behind
/// work, and lease writes go on after `stop` within their deadline, so that a lease can be released
/// on the way out.
class CurlClient final : public Client {
 public:
  CurlClient(std::shared_ptr<Credentials> credentials, ClientOptions options, std::stop_token stop);

  base::Result<Job> CreateJob(const std::string& manifest) override;
  base::Result<Job> GetJob(const std::string& name) override;
  base::Result<Pod> GetPod(const std::string& name) override;
  base::Result<Job> PatchJob(const std::string& name, const std::string& merge_patch) override;
  base::Status PatchPod(const std::string& name, const std::string& merge_patch) override;
  base::Status DeleteJob(const std::string& name, const std::string& uid) override;
  base::Result<std::string> ReadLog(const std::string& pod_name, std::size_t limit_bytes) override;
  base::Status CreateEvent(const EventNote& event) override;
  base::Result<Lease> GetLease(const std::string& name, std::chrono::milliseconds timeout) override;
  base::Result<Lease> WriteLease(const std::string& name, const Lease& lease,
                                 std::chrono::milliseconds timeout) override;

 private:
  struct Rules {
    bool is_write{false};
    std::stop_token stop;
    std::optional<std::chrono::milliseconds> lease_timeout;
    /// client-go rest/with_retry.go.
    int max_tries{10};
  };

  /// The body of a 2xx answer.
  base::Result<std::string> Call(HttpRequest request, const Rules& rules);
  base::Status Throttle(const Rules& rules, base::MonotonicTime deadline);
  template <typename T>
  base::Result<T> CallForObject(HttpRequest request, const Rules& rules);

  Rules Read() const { return {.is_write = false, .stop = stop_}; }
  Rules Write() const { return {.is_write = true, .stop = stop_}; }

  // Fixed after construction:
  const ClientOptions options_;
  const std::stop_token stop_;
  // These synchronise themselves:
  HttpTransport transport_;
  RateLimiter limiter_;
};

}  // namespace oneshot::kube
