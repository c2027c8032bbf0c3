#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/http/router.h"
#include "core/base/result.h"
#include "core/telemetry/metrics.h"

namespace oneshot::admin {

using namespace api::http;

/// What the probes of a program tell. Both functions are called on a server thread: they must not
/// wait.
struct AdminSources {
  std::string program;  // oneshot-api
  /// Success when requests should come here. The message of an error is shown.
  std::function<base::Status()> readiness;
  /// Null: no /metrics.
  std::function<std::string()> metrics;
};

/// GET /healthz (the process answers, whatever its dependencies do), /readyz, /version and
/// /metrics. They run on the server's own thread, so that a probe is answered when every worker is
/// busy.
std::vector<Route> AdminRoutes(AdminSources sources);

/// The version this program was built as.
std::string Version();

}  // namespace oneshot::admin
