#pragma once

#include <array>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "core/base/result.h"

/// What a program says about itself to probes and scrapers, on whichever server it is asked.
namespace oneshot::admin {

/// Where the answers come from. The functions are called on a server's thread and must not wait.
struct AdminSources {
  /// The program's name, such as oneshot-api.
  std::string program;
  /// Success when requests should come here. The message of an error is shown.
  std::function<base::Status()> readiness;
  /// Success while the program makes progress, whatever its dependencies do. The message of an
  /// error is shown. Empty: it is alive as long as it answers.
  std::function<base::Status()> liveness{};
  /// Metrics in Prometheus' text format.
  std::function<std::string()> metrics;
};

/// The paths that are answered. Whoever gets 503 from /healthz should start the process again.
inline constexpr std::array<std::string_view, 4> kPaths{"/healthz", "/readyz", "/version",
                                                        "/metrics"};

struct Page {
  int status{200};
  std::map<std::string, std::string> headers;
  std::string body;
};

/// What GET answers. `path` is one of kPaths.
Page PageAt(std::string_view path, const AdminSources& sources);

}  // namespace oneshot::admin
