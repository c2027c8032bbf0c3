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
Answer GetOutputFile(Context& context, const http::Request& request);

// submission.cpp
Answer GetSubmission(Context& context, const http::Request& request);

// stdin.cpp
Answer AddStdin(Context& context, const http::Request& request);

// runs.cpp
Answer ListRuns(Context& context, const http::Request& request);
Answer CancelRun(Context& context, const http::Request& request);
Answer DeleteRun(Context& context, const http::Request& request);

// shares.cpp: what is answered of a run, to who has a share of it. Not found is the share.
Answer CreateShare(Context& context, const http::Request& request);
Answer GetShare(Context& context, const http::Request& request);
Answer DeleteShare(Context& context, const http::Request& request);
Answer GetShareSubmission(Context& context, const http::Request& request);
Answer GetShareDisplay(Context& context, const http::Request& request);
Answer GetShareOutputFile(Context& context, const http::Request& request);
void GetShareStdout(Context& context, const http::Request& request, http::Responder responder);
void GetShareStderr(Context& context, const http::Request& request, http::Responder responder);

}  // namespace oneshot::api
