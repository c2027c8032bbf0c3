#pragma once

#include <cstddef>
#include <vector>

#include "controller/kube/objects.h"

namespace oneshot::cluster {

/// The finished ones among `jobs` without the `kept` newest, oldest first. Pure.
std::vector<kube::Job> FinishedBeyond(std::vector<kube::Job> jobs, std::size_t kept);

}  // namespace oneshot::cluster
