#pragma once

#include "api/handlers/context.h"
#include "api/http/router.h"

namespace oneshot::api {

/// One function for each call of the contract; openapi.yaml describes the responses. They run on a
/// worker and may wait for the database but for nothing else.

// submit.cpp
void SubmitRun(Context& context, const http::Request& request, http::Responder responder);

// runs.cpp
void ListRuns(Context& context, const http::Request& request, http::Responder responder);
void GetRun(Context& context, const http::Request& request, http::Responder responder);
void GetStdout(Context& context, const http::Request& request, http::Responder responder);
void GetStderr(Context& context, const http::Request& request, http::Responder responder);
void CancelRun(Context& context, const http::Request& request, http::Responder responder);
void DeleteRun(Context& context, const http::Request& request, http::Responder responder);

// events.cpp
void StreamEvents(Context& context, const http::Request& request, http::Responder responder);

// site.cpp
void GetEnvironment(Context& context, const http::Request& request, http::Responder responder);
void GetOpenApi(Context& context, const http::Request& request, http::Responder responder);

}  // namespace oneshot::api
