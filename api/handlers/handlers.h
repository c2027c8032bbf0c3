#pragma once

#include "api/handlers/context.h"
#include "api/http/router.h"
#include "core/base/result.h"

namespace oneshot::api {

/// One function for each call of the contract; openapi.yaml describes the responses. They run on a
/// worker and may wait for the database but for nothing else. An error becomes the problem that
/// ToProblem makes of it.

// submit.cpp and runs.cpp: answer at once, or when the run is as the client wants it.
void SubmitRun(Context& context, const http::Request& request, http::Responder responder);
void GetRun(Context& context, const http::Request& request, http::Responder responder);

// events.cpp: answers with a stream.
void StreamEvents(Context& context, const http::Request& request, http::Responder responder);

// output.cpp: answer with a stream when there is much.
void GetStdout(Context& context, const http::Request& request, http::Responder responder);
void GetStderr(Context& context, const http::Request& request, http::Responder responder);

using Answer = base::Result<http::Response>;

// displays.cpp
Answer GetDisplay(Context& context, const http::Request& request);

// stdin.cpp
Answer AddStdin(Context& context, const http::Request& request);

// runs.cpp
Answer ListRuns(Context& context, const http::Request& request);
Answer GetSubmission(Context& context, const http::Request& request);
Answer CancelRun(Context& context, const http::Request& request);
Answer DeleteRun(Context& context, const http::Request& request);

}  // namespace oneshot::api
