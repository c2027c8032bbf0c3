/// How long the lines of the runner protocol and their parts may be.
#pragma once

#include <cstddef>
#include <cstdint>

namespace oneshot::protocol {

/// Longest line from the runner, newline included: container runtimes split log lines at 16 KiB.
inline constexpr std::size_t kMaxRecordLine = 12 * 1024;

/// Longest line to the runner, newline included.
inline constexpr std::size_t kMaxCommandLine = 4 * 1024 * 1024;

/// Most bytes of a file in one command: as base64 they are far from the longest line, and neither
/// side holds much more than one part.
inline constexpr std::size_t kMaxFilePart = 256 * 1024;

/// The runner sends no record beyond this many bytes of lines that are not acknowledged, so that
/// a reader's memory is bounded. One record is always allowed.
inline constexpr std::size_t kMaxUnacknowledged = 512 * 1024;

/// What a change of stream costs of the output limit, besides the data.
inline constexpr std::int64_t kPieceCost = 16;

/// Most bytes of a display in one record: as base64 they leave room for the other keys, `alt` with
/// every character escaped.
inline constexpr std::size_t kMaxDisplayPart = 7'200;

/// Longest description of a display.
inline constexpr std::size_t kMaxAlt = 1'000;

/// Largest termination message the kubelet keeps.
inline constexpr std::size_t kMaxTerminationMessage = 4096;

}  // namespace oneshot::protocol
