#include "api/handlers/handlers.h"
#include "api/handlers/respond.h"
#include "api/openapi.h"

namespace oneshot::api {

Answer GetEnvironment(Context& context, const http::Request&) {
  return JsonResponse(200, context.environment_json);
}

Answer GetOpenApi(Context&, const http::Request&) {
  return JsonResponse(200, std::string(kOpenApiJson));
}

}  // namespace oneshot::api
