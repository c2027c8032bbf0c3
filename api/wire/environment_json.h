#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/domain/limits.h"

namespace oneshot::api::wire {

/// The environment object: what the image's build wrote down about itself (`facts`, a JSON object
/// with python and packages), the image's name and the limits. Errors: kInvalidArgument (`facts` is
/// not a JSON object).
base::Result<std::string> EnvironmentToJson(std::string_view facts, const std::string& image,
                                            const domain::LimitPolicy& policy);

}  // namespace oneshot::api::wire
