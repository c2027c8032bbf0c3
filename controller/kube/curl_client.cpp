#include "controller/kube/curl_client.h"

#include <optional>
#include <utility>

#include "controller/kube/backoff.h"
#include "controller/kube/codec.h"
#include "controller/kube/url.h"
#include "core/base/thread.h"

namespace oneshot::kube {
namespace {

using base::ErrorCode;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kLongestRetryPause{10'000};

base::Error Cancelled() { return {ErrorCode::kCancelled, "stopping"}; }

/// Why a call has failed that was answered like this.
base::Error WhyFailed(bool is_write, const base::Result<HttpAnswer>& answer) {
  if (!answer) {
    base::Error error = answer.error();
    if (error.code == ErrorCode::kUnknownOutcome && !is_write) error.code = ErrorCode::kUnavailable;
    return error;
  }
  base::Error error = ErrorFromAnswer(answer->status, answer->body, answer->retry_after_seconds);
  // The server gave up waiting for its own storage: the write may yet be there.
  if (is_write && answer->status == 504) error.code = ErrorCode::kUnknownOutcome;
  return error;
}

}  // namespace

CurlClient::CurlClient(std::shared_ptr<Credentials> credentials, ClientOptions options,
                       std::stop_token stop)
    : options_(std::move(options)),
      stop_(std::move(stop)),
      transport_(std::move(credentials)),
      limiter_(options_.requests_per_second, options_.burst) {}

base::Status CurlClient::Throttle(const Rules& rules, base::MonotonicTime deadline) {
  if (rules.lease_timeout) return {};
  const auto now = steady_clock::now();
  const auto wait = limiter_.Reserve(now);
  if (wait <= wait.zero()) return {};
  if (now + wait >= deadline) {
    return base::Error{ErrorCode::kUnavailable, "our own rate limit leaves no time for this call"};
  }
  if (options_.on_throttled) options_.on_throttled(wait);
  if (!base::SleepFor(rules.stop, wait)) return Cancelled();
  return {};
}

base::Result<std::string> CurlClient::Call(HttpRequest request, const Rules& rules) {
  const auto deadline = steady_clock::now() + rules.lease_timeout.value_or(options_.call_deadline);
  Backoff backoff(options_.first_retry, kLongestRetryPause);
  for (int tries = 1;; ++tries) {
    if (auto allowed = Throttle(rules, deadline); !allowed) return allowed.error();
    request.deadline =
        std::max(milliseconds(1), std::chrono::ceil<milliseconds>(deadline - steady_clock::now()));
    auto answer = transport_.Send(request, rules.stop);
    if (answer && answer->status / 100 == 2) return std::move(answer->body);
    base::Error error = WhyFailed(rules.is_write, answer);
    const bool may_repeat =
        rules.is_write ? answer && answer->status == 429 : error.code == ErrorCode::kUnavailable;
    const std::chrono::seconds asked(error.retry_after_seconds);
    const auto pause = asked > asked.zero() ? milliseconds(asked) : backoff.Next();
    if (!may_repeat || tries == rules.max_tries || steady_clock::now() + pause >= deadline) {
      return error;
    }
    if (!base::SleepFor(rules.stop, pause)) return Cancelled();
  }
}

template <typename T>
base::Result<T> CurlClient::CallForObject(HttpRequest request, const Rules& rules) {
  auto body = Call(std::move(request), rules);
  if (!body) return body.error();
  auto object = DecodeObject<T>(*body);
  // It was done; only its description is lost.
  if (!object && rules.is_write)
    return base::Error{ErrorCode::kUnknownOutcome, object.error().message};
  return object;
}

base::Result<Job> CurlClient::CreateJob(const std::string& manifest) {
  if (!IsJsonObject(manifest)) {
    return base::Error{ErrorCode::kInvalidArgument, "the manifest is not a JSON object"};
  }
  return CallForObject<Job>({"POST", JobsPath(options_.run_namespace), manifest}, Write());
}

base::Result<Job> CurlClient::GetJob(const std::string& name) {
  return CallForObject<Job>({"GET", JobsPath(options_.run_namespace, name)}, Read());
}

base::Result<Pod> CurlClient::GetPod(const std::string& name) {
  return CallForObject<Pod>({"GET", PodsPath(options_.run_namespace, name)}, Read());
}

base::Result<Job> CurlClient::PatchJob(const std::string& name, const std::string& merge_patch) {
  return CallForObject<Job>({"PATCH", JobsPath(options_.run_namespace, name), merge_patch},
                            Write());
}

base::Status CurlClient::PatchPod(const std::string& name, const std::string& merge_patch) {
  const auto body = Call({"PATCH", PodsPath(options_.run_namespace, name), merge_patch}, Write());
  if (!body) return body.error();
  return {};
}

base::Status CurlClient::DeleteJob(const std::string& name, const std::string& uid) {
  const auto body =
      Call({"DELETE", JobsPath(options_.run_namespace, name), EncodeDeleteOptions(uid)}, Write());
  if (!body && body.error().code != ErrorCode::kNotFound) return body.error();
  return {};
}

base::Result<std::string> CurlClient::ReadLog(const std::string& pod_name,
                                              std::size_t limit_bytes) {
  const std::string target = PodsPath(options_.run_namespace, pod_name) +
                             "/log?container=python&limitBytes=" + std::to_string(limit_bytes);
  Rules rules = Read();
  // A kubelet that lost the log answers 500 each time; the caller can look elsewhere.
  rules.max_tries = 3;
  auto log = Call({"GET", target}, rules);
  if (!log && log.error().code == ErrorCode::kInvalidArgument) {
    // 400 is how the API server says that the container has not started or is gone.
    return base::Error{ErrorCode::kUnavailable, log.error().message};
  }
  return log;
}

base::Status CurlClient::CreateEvent(const EventNote& event) {
  const auto body = Call({"POST", EventsPath(options_.run_namespace),
                          EncodeEvent(event, options_.run_namespace, options_.instance,
                                      std::chrono::system_clock::now())},
                         Write());
  if (!body) return body.error();
  return {};
}

base::Result<Lease> CurlClient::GetLease(const std::string& name, milliseconds timeout) {
  return CallForObject<Lease>({"GET", LeasesPath(options_.system_namespace, name)},
                              {.is_write = false, .stop = stop_, .lease_timeout = timeout});
}

base::Result<Lease> CurlClient::WriteLease(const std::string& name, const Lease& lease,
                                           milliseconds timeout) {
  const bool is_new = lease.resource_version.empty();
  return CallForObject<Lease>(
      {is_new ? "POST" : "PUT", LeasesPath(options_.system_namespace, is_new ? "" : name),
       EncodeLease(name, lease)},
      {.is_write = true, .stop = {}, .lease_timeout = timeout});
}

}  // namespace oneshot::kube
