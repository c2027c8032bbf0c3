#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/telemetry/metrics.h"

namespace oneshot::api::http {

/// Counts by route, so that a path made up by a client makes no new series.
class RouteMetrics {
 public:
  RouteMetrics(telemetry::Metrics& metrics, const std::string& method, const std::string& pattern)
      : seconds_(metrics.MakeHistogram("oneshot_http_request_seconds",
                                       "How long did answers take, by route?",
                                       {{"route", pattern}, {"method", method}})) {
    for (const char* code : {"1xx", "2xx", "3xx", "4xx", "5xx"}) {
      answers_.push_back(metrics.MakeCounter(
          "oneshot_http_requests_total", "How many requests, by route and outcome?",
          {{"route", pattern}, {"method", method}, {"code", code}}));
    }
  }
  void Count(int status, base::MonotonicTime started) {
    answers_[static_cast<std::size_t>(std::clamp(status / 100, 1, 5) - 1)].Add();
    seconds_.ObserveSeconds(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count());
  }

 private:
  telemetry::Histogram seconds_;
  std::vector<telemetry::Counter> answers_;
};

}  // namespace oneshot::api::http
