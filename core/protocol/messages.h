/// The messages of runner protocol 2, as values. One message is one line of JSON; how it is spelled
/// is `codec.h`, what it means and in which order messages come is images/python/runner/README.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/protocol/bounds.h"

namespace oneshot::protocol {

inline constexpr int kVersion = 2;

// ---- to the runner

struct Limits {
  std::int64_t wall_ms{10'000};
  std::int64_t cpu_ms{10'000};
  /// For stdout and stderr together.
  std::int64_t output_bytes{1LL << 20};
  /// Processes and threads.
  std::int64_t processes{64};
  std::int64_t display_bytes{4LL << 20};
  /// Of all files that come back.
  std::int64_t output_file_bytes{8LL << 20};
  bool operator==(const Limits&) const = default;
};

/// A part of a file for the run that is to come: the files of a run come before it, each from its
/// first part to its last. Offset 0 begins the file, once more if it was begun before. Ignored once
/// a run has come.
struct FileCommand {
  /// See domain::PathFault.
  std::string path;
  std::int64_t offset{0};
  std::string data;
  bool operator==(const FileCommand&) const = default;
};

/// Once in a runner's life. The same run and attempt again is ignored, so that repeating is safe.
struct RunCommand {
  std::string run_id;
  int attempt{1};
  std::string source;
  std::string stdin_data;
  std::vector<std::string> args;
  /// Of the files that came before it.
  std::int64_t file_bytes{0};
  Limits limits;
  /// 0: nothing is writable.
  std::int64_t scratch_bytes{0};
  /// As domain::RunSpec's.
  std::vector<std::string> outputs;
  /// How many pixels of a figure make one of a page; 0: the program can show nothing.
  double display_scale{0};
  /// False: end of file after `stdin_data`.
  bool stdin_open{false};
  /// For how long the program may wait for input in all, which wall_ms does not count.
  std::int64_t stdin_idle_ms{120'000};
  /// How long the runner waits, after the end, for the acknowledgement of Finished.
  std::int64_t result_hold_ms{600'000};
  bool operator==(const RunCommand&) const = default;
};

/// `seq` counts StdinCommand and StdinEofCommand together, from 0. The runner takes exactly the
/// next number, ignores every other one, and answers each with a StdinAck.
struct StdinCommand {
  std::int64_t seq{0};
  std::string data;
  bool operator==(const StdinCommand&) const = default;
};

struct StdinEofCommand {
  std::int64_t seq{0};
  bool operator==(const StdinEofCommand&) const = default;
};

struct CancelCommand {
  bool operator==(const CancelCommand&) const = default;
};

/// Every record before `seq` is stored; the runner forgets them. A `seq` greater than Finished's
/// ends the runner.
struct AckCommand {
  std::int64_t seq{0};
  bool operator==(const AckCommand&) const = default;
};

/// Acknowledges like AckCommand. The runner answers at once, in any phase: Resumed, Ready and
/// Started if they have been said, then every record from `seq` again.
struct ResumeCommand {
  std::int64_t seq{0};
  bool operator==(const ResumeCommand&) const = default;
};

using Command = std::variant<FileCommand, RunCommand, StdinCommand, StdinEofCommand, CancelCommand,
                             AckCommand, ResumeCommand>;

// ---- from the runner

/// Which layers hold the program. A container runtime's own filter is not among them.
struct Sandbox {
  /// Landlock's version; 0 where the kernel has none.
  int landlock{0};
  bool seccomp{false};
  /// Root of the container is nobody outside.
  bool user_namespace{false};
  bool operator==(const Sandbox&) const = default;
};

struct Ready {
  /// Version, as "3.11.2".
  std::string python;
  std::vector<std::string> preloaded;
  std::int64_t preload_ms{0};
  /// "restored", or why the preloaded interpreter of the image could not be used: "refused: ..." or
  /// "crashed: ...". Empty where the image has none.
  std::string snapshot{};
  /// Absent from a runner that is older than the field.
  std::optional<Sandbox> sandbox{};
  bool operator==(const Ready&) const = default;
};

struct Started {
  std::string run_id;
  int attempt{1};
  bool operator==(const Started&) const = default;
};

/// The answer to ResumeCommand. `run_id` is empty and `attempt` 0 while no run has come.
struct Resumed {
  std::string run_id;
  int attempt{0};
  /// The number of the record that follows: the one asked for, or the first one that the runner
  /// still holds if that number was acknowledged already or never sent.
  std::int64_t seq{0};
  bool operator==(const Resumed&) const = default;
};

/// The answer to StdinCommand and StdinEofCommand.
struct StdinAck {
  /// The number that the runner expects next.
  std::int64_t seq{0};
  bool operator==(const StdinAck&) const = default;
};

enum class Stream { kStdout, kStderr };

/// Bytes of one stream, in one record.
struct Piece {
  Stream stream{Stream::kStdout};
  std::string data;
  /// Bytes of this stream that were dropped just before `data`.
  std::int64_t dropped_bytes{0};
  bool operator==(const Piece&) const = default;
};

/// What the program wrote, in the order it was read. `seq` counts Output, Display and Finished
/// together, from 0, without gaps.
struct Output {
  std::int64_t seq{0};
  /// Milliseconds from the program's start to the first piece.
  std::int64_t ms{0};
  std::vector<Piece> pieces;
  bool operator==(const Output&) const = default;
};

/// One part of something to show: a figure, a table; or of a file that comes back. Its parts are in
/// records that follow one another, 0 .. parts - 1. What it is comes with the last one: then it is
/// whole.
struct Display {
  std::int64_t seq{0};
  std::int64_t ms{0};
  int part{0};
  int parts{1};
  std::string data;

  // Of the last part.

  /// As domain::Display's.
  int number{0};
  /// One of domain::kDisplayTypes, or domain::kOutputFile.
  std::string mime;
  /// Of an image, in pixels of a page.
  int width{0};
  int height{0};
  /// What is to be seen, for those who cannot see it; of a file its path, which has no
  /// domain::RelativePathFault. UTF-8 without control characters.
  std::string alt;
  /// Of all parts.
  std::int64_t bytes{0};
  bool operator==(const Display&) const = default;
};

enum class Reason {
  kExited,
  kSignaled,
  kWallTimeExceeded,
  kCpuTimeExceeded,
  kStdinIdleExceeded,
  kProcessLimitExceeded,
  kOutOfMemory,
  kCancelled,
  // The program is not to blame:

  /// Its container was told to stop.
  kTerminated,
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
  /// What was to be shown and was not, because of its kind, its size or a limit.
  int dropped_displays{0};
  /// The same of files.
  int dropped_output_files{0};
  /// Its own number, and therefore how many records came before it.
  std::int64_t seq{0};
  /// Over the kept bytes of stdout and stderr, in the order of their records and pieces.
  std::string sha256;
  bool operator==(const Finished&) const = default;
};

using Record = std::variant<Ready, Started, Resumed, StdinAck, Output, Display, Finished>;

}  // namespace oneshot::protocol
