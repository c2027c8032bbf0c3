#pragma once

#include <string_view>

namespace oneshot::api {

/// openapi.yaml as JSON, made by the build.
extern const std::string_view kOpenApiJson;

}  // namespace oneshot::api
