#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace oneshot::test {

/// Long enough for a sanitized program on a busy machine; a passing test never waits for it.
inline constexpr std::chrono::seconds kPatience{20};

/// Looks again every few milliseconds until `holds` returns true. False after `patience`, with a
/// test failure that names `what`.
bool WaitUntil(const std::function<bool()>& holds, const std::string& what,
               std::chrono::milliseconds patience = kPatience);

}  // namespace oneshot::test
