#pragma once

#include <string>

namespace oneshot::base {

/// The version that this program was built as: 0.1.0.
std::string Version();

}  // namespace oneshot::base
