#pragma once

#include <string>

namespace oneshot::kube {

/// `text` fit for a path segment or a query value (RFC 3986: everything but unreserved characters
/// is escaped).
std::string PercentEncode(const std::string& text);

/// `/apis/batch/v1/namespaces/<ns>/jobs`, and with a name `/<name>` after it; so for the others.
std::string JobsPath(const std::string& run_namespace, const std::string& name = {});
std::string PodsPath(const std::string& run_namespace, const std::string& name = {});
std::string EventsPath(const std::string& run_namespace);
std::string LeasesPath(const std::string& system_namespace, const std::string& name = {});

}  // namespace oneshot::kube
