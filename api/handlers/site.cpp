#include "api/handlers/handlers.h"
#include "api/handlers/respond.h"
#include "api/openapi.h"

namespace oneshot::api {

void GetEnvironment(Context& context, const http::Request&, http::Responder responder) {
  std::move(responder).Send(JsonResponse(200, context.environment_json));
}

void GetOpenApi(Context&, const http::Request&, http::Responder responder) {
  std::move(responder).Send(JsonResponse(200, std::string(kOpenApiJson)));
}

}  // namespace oneshot::api
