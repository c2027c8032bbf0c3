#pragma once

#include <string>
#include <string_view>

namespace oneshot::kube {

/// `text` fit for a path segment or a query value (RFC 3986: everything but unreserved characters
/// is escaped).
std::string PercentEncode(std::string_view text);

/// `/apis/batch/v1/namespaces/<ns>/jobs`, and with a name `/<name>` after it.
std::string JobsPath(std::string_view run_namespace, std::string_view name = {});
/// `/api/v1/namespaces/<ns>/pods`, and with a name `/<name>` after it.
std::string PodsPath(std::string_view run_namespace, std::string_view name = {});

}  // namespace oneshot::kube
