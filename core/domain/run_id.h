#pragma once

#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/random.h"

namespace oneshot::domain {

/// Of every id: Crockford's base 32, in lower case.
inline constexpr std::string_view kIdAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/// A lower-case ULID: 26 characters of Crockford's base 32, 48 bits of milliseconds then 80 random
/// bits, so that ids sort by time and fit into Kubernetes names and labels. Source:
/// github.com/ulid/spec.
std::string NewRunId(base::WallTime now, base::Random& random = base::SystemRandom());

/// True for exactly the strings that NewRunId can return.
bool IsRunId(std::string_view text);

}  // namespace oneshot::domain
