#pragma once

#include "images/python/snapshot/format.h"

namespace oneshot::snapshot {

/// What this machine's CPU and kernel offer.
CpuFeatures ThisCpu();

}  // namespace oneshot::snapshot
