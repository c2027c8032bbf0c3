#include "controller/kube/api_error.h"

#include <algorithm>
#include <string>

namespace oneshot::kube {
namespace {

base::ErrorCode CodeFor(int http_status, const std::string& reason) {
  using base::ErrorCode;
  switch (http_status) {
    case 400:
    case 413:
    case 422:
      return ErrorCode::kInvalidArgument;
    case 401:
    case 403:
      return ErrorCode::kPermissionDenied;
    case 404:
      return ErrorCode::kNotFound;
    case 409:
      return reason == "AlreadyExists" ? ErrorCode::kAlreadyExists : ErrorCode::kConflict;
    case 410:
      return ErrorCode::kExpired;
    case 408:
    case 429:
      return ErrorCode::kUnavailable;
    default:
      return http_status >= 500 ? ErrorCode::kUnavailable : ErrorCode::kInternal;
  }
}

}  // namespace

base::Error ErrorFromStatus(const ApiStatus& status) {
  // Some components put only the reason in (kubernetes/kubernetes: "Expired" with code 0 from a
  // proxy).
  const bool expired = status.reason == "Expired" || status.reason == "Gone";
  const int code = expired ? 410 : status.code;
  return {CodeFor(code == 0 ? 500 : code, status.reason), status.message,
          status.retry_after_seconds};
}

base::Error ErrorFromAnswer(int http_status, std::string_view body, int retry_after_seconds) {
  constexpr std::size_t kMaxShown = 512;
  ApiStatus status = DecodeStatus(body);
  status.code = http_status;
  status.retry_after_seconds = std::max(status.retry_after_seconds, retry_after_seconds);
  if (status.message.empty()) status.message = std::string(body.substr(0, kMaxShown));
  status.message = "HTTP " + std::to_string(http_status) + ": " + status.message;
  return ErrorFromStatus(status);
}

}  // namespace oneshot::kube
