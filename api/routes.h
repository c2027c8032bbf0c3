#pragma once

#include "api/handlers/context.h"
#include "core/http/admin.h"
#include "core/http/router.h"

namespace oneshot::api {

/// Every address of the api. `context` must outlive the router.
http::Router MakeRouter(Context& context, http::AdminSources admin);

}  // namespace oneshot::api
