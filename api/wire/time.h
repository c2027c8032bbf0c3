#pragma once

#include <string>

#include "core/base/clock.h"

namespace oneshot::api::wire {

/// RFC 3339 in UTC with milliseconds: `2026-11-23T05:00:00.123Z`.
std::string FormatTime(base::WallTime time);

}  // namespace oneshot::api::wire
