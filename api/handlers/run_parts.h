#pragma once

#include <string>

#include "api/handlers/handlers.h"

namespace oneshot::api {

/// What is answered alike to who asks for a run and to who has a share of it.

/// What was submitted, ready to be submitted again.
Answer SubmissionOf(Context& context, const http::Request& request, const domain::Run& run);

/// The display that the route's `{number}` names.
Answer DisplayOf(Context& context, const http::Request& request, const domain::Run& run);
/// The same of a file that came back.
Answer OutputFileOf(Context& context, const http::Request& request, const domain::Run& run);

/// All bytes of one stream; a stream when there are many. `headers` are sent besides.
void SendOutputOf(Context& context, const std::string& run_id, domain::Stream which,
                  http::Headers headers, http::Responder responder);

}  // namespace oneshot::api
