/// The messages of runner protocol 1, as values. One message is one line of JSON; how it is spelled
/// is `codec.h`, what it means and in which order messages come is images/python/runner/README.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace oneshot::protocol {

inline constexpr int kVersion = 1;

/// Longest line from the runner, newline included: container runtimes split log lines at 16 KiB.
inline constexpr std::size_t kMaxRecordLine = 12 * 1024;

/// Longest line to the runner, newline included.
inline constexpr std::size_t kMaxCommandLine = 4 * 1024 * 1024;

/// Largest termination message the kubelet keeps.
inline constexpr std::size_t kMaxTerminationMessage = 4096;

// ---- to the runner

struct Limits {
  std::int64_t wall_ms{10'000};
  std::int64_t cpu_ms{10'000};
  /// For stdout and stderr together.
  std::int64_t output_bytes{1LL << 20};
  /// Processes and threads.
  std::int64_t processes{64};
  std::int64_t display_bytes{4LL << 20};
  bool operator==(const Limits&) const = default;
};

/// Once in a runner's life.
struct RunCommand {
  std::string run_id;
  int attempt{1};
  std::string source;
  std::string stdin_data;
  std::vector<std::string> args;
  Limits limits;
  /// 0: nothing is writable.
  std::int64_t scratch_bytes{0};
  /// False: end of file after `stdin_data`.
  bool stdin_open{false};
  bool operator==(const RunCommand&) const = default;
};

struct StdinCommand {
  std::string data;
  bool operator==(const StdinCommand&) const = default;
};

struct StdinEofCommand {
  bool operator==(const StdinEofCommand&) const = default;
};

struct CancelCommand {
  bool operator==(const CancelCommand&) const = default;
};

using Command = std::variant<RunCommand, StdinCommand, StdinEofCommand, CancelCommand>;

// ---- from the runner

struct Ready {
  /// Version, as "3.11.2".
  std::string python;
  std::vector<std::string> preloaded;
  std::int64_t preload_ms{0};
  bool operator==(const Ready&) const = default;
};

struct Started {
  std::string run_id;
  int attempt{1};
  bool operator==(const Started&) const = default;
};

enum class Stream { kStdout, kStderr };

/// Bytes the program wrote. `seq` counts Output and Display together, from 0, without gaps.
struct Output {
  Stream stream{Stream::kStdout};
  std::int64_t seq{0};
  /// Milliseconds since the program started.
  std::int64_t ms{0};
  std::string data;
  /// Bytes of this stream that were dropped just before `data`.
  std::int64_t dropped_bytes{0};
  bool operator==(const Output&) const = default;
};

/// One part of something to show: a figure, a table. Parts of one thing follow each other, 0 ..
/// parts - 1.
struct Display {
  std::int64_t seq{0};
  std::int64_t ms{0};
  std::string mime;
  int part{0};
  int parts{1};
  std::string data;
  bool operator==(const Display&) const = default;
};

enum class Reason {
  kExited,
  kSignaled,
  kWallTimeExceeded,
  kCpuTimeExceeded,
  kProcessLimitExceeded,
  kOutOfMemory,
  kCancelled,
  /// The program is not to blame: the runner failed, or its container was told to stop.
  kRunnerError,
};

struct StreamTotals {
  std::int64_t produced_bytes{0};
  std::int64_t kept_bytes{0};
  bool operator==(const StreamTotals&) const = default;
};

/// The last record. `run_id` is empty and `attempt` 0 when no run had come.
struct Finished {
  std::string run_id;
  int attempt{0};
  /// Absent when a signal ended the program.
  std::optional<int> exit_code;
  std::optional<int> signal;
  Reason reason{Reason::kExited};
  /// For people; empty when there is nothing to add.
  std::string message;
  std::int64_t wall_ms{0};
  std::int64_t cpu_ms{0};
  std::int64_t peak_memory_bytes{0};
  StreamTotals stdout_totals;
  StreamTotals stderr_totals;
  /// How many had a `seq`.
  std::int64_t records{0};
  /// Over the kept bytes of stdout and stderr, in the order of their records.
  std::string sha256;
  bool operator==(const Finished&) const = default;
};

using Record = std::variant<Ready, Started, Output, Display, Finished>;

}  // namespace oneshot::protocol
