#pragma once

#include "api/handlers/context.h"
#include "api/http/router.h"
#include "core/admin/admin.h"

namespace oneshot::api {

/// Every address of the api. `context` must outlive the router.
http::Router MakeRouter(Context& context, const admin::AdminSources& sources);

}  // namespace oneshot::api
