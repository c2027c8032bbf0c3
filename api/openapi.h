#pragma once

#include <string_view>

namespace oneshot::api {

/// openapi.yaml and schemas.yaml as one JSON document, made by the build.
extern const std::string_view kOpenApiJson;

}  // namespace oneshot::api
