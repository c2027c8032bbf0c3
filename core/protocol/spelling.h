/// The words that both directions of the codec share. Private to this folder.
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "core/protocol/messages.h"

namespace oneshot::protocol {

using NamedReason = std::pair<Reason, std::string_view>;
inline constexpr std::array<NamedReason, 10> kReasons = {{
    {Reason::kExited, "exited"},
    {Reason::kSignaled, "signaled"},
    {Reason::kWallTimeExceeded, "wall_time_exceeded"},
    {Reason::kCpuTimeExceeded, "cpu_time_exceeded"},
    {Reason::kStdinIdleExceeded, "stdin_idle_exceeded"},
    {Reason::kProcessLimitExceeded, "process_limit_exceeded"},
    {Reason::kOutOfMemory, "out_of_memory"},
    {Reason::kCancelled, "cancelled"},
    {Reason::kTerminated, "terminated"},
    {Reason::kRunnerError, "runner_error"},
}};

/// How an Output spells the stream of a piece: as text, and as base64.
struct StreamLetters {
  Stream stream;
  std::string_view text;
  std::string_view base64;
};
inline constexpr std::array<StreamLetters, 2> kStreamLetters = {{
    {Stream::kStdout, "o", "ob"},
    {Stream::kStderr, "e", "eb"},
}};

}  // namespace oneshot::protocol
