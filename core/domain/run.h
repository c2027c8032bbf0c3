#pragma once

#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/domain/display.h"
#include "core/domain/file.h"
#include "core/domain/run_spec.h"
#include "core/domain/run_status.h"

namespace oneshot::domain {

/// The layers that hold a program, besides the pod. As protocol::Sandbox.
struct Sandbox {
  int landlock{0};
  bool seccomp{false};
  bool user_namespace{false};

  bool operator==(const Sandbox&) const = default;
};

/// The Kubernetes side of one attempt; fields fill in as they become known.
struct JobRef {
  /// run-<id>-<attempt>, or warm-<id>.
  std::string name;
  std::string pod;
  std::string pod_uid;
  std::string node;
  std::string image;
  /// As protocol::Ready::snapshot.
  std::string snapshot{};
  std::optional<Sandbox> sandbox{};

  bool operator==(const JobRef&) const = default;
};

/// Bytes of one stream: what the program wrote, and what of it was dropped to keep the output
/// limit.
struct StreamBytes {
  std::int64_t produced{0};
  std::int64_t dropped{0};

  bool operator==(const StreamBytes&) const = default;
};

/// How a run ended. Written once.
struct Outcome {
  RunStatus status{RunStatus::kError};
  // A stable word: exited, signaled, wall_time_exceeded, image_unavailable, pod_lost, ...
  std::string reason;
  // For people; empty when the reason says it all.
  std::string message;
  std::optional<int> exit_code;
  std::optional<int> signal;
  StreamBytes stdout_bytes;
  StreamBytes stderr_bytes;
  std::optional<std::int64_t> wall_ms;
  std::optional<std::int64_t> cpu_ms;
  std::optional<std::int64_t> peak_memory_bytes;
  // What the program was to show and was not shown, because of its kind, its size or a limit.
  int dropped_displays{0};
  // Files that were to come back and did not, because of their names, their size or a limit.
  int dropped_output_files{0};
  // Records are missing although the program ended, because its pod was lost.
  bool output_incomplete{false};

  bool operator==(const Outcome&) const = default;
};

/// An attempt that did not end its run, although its program may have begun.
struct Interruption {
  int attempt{0};
  // A stable word, for example node_lost.
  std::string reason;
  // For people; empty when the reason says it all.
  std::string message;
  // Empty when no node was known.
  std::string node;
  base::WallTime at{};

  bool operator==(const Interruption&) const = default;
};

/// The record of a run, as users see it. `outcome` is there exactly when the status is terminal.
struct Run {
  std::string id;
  /// Read from a store it has no files: their content is asked for where it is needed.
  RunSpec spec;
  /// What its files are.
  std::vector<FileInfo> files;
  RunStatus status{RunStatus::kQueued};
  /// 0 while queued for the first time.
  int attempt{0};
  std::optional<JobRef> job;
  std::optional<Outcome> outcome;
  bool cancel_requested{false};
  /// Of input that was open: its end has come.
  bool stdin_ended{false};
  /// Why the program has not begun, for people; empty when there is nothing to tell, and once the
  /// run has ended (`outcome` has a message of its own).
  std::string message;
  /// What the program has shown in this attempt, in its order, and then the files that came back.
  std::vector<Display> displays;
  /// Oldest first.
  std::vector<Interruption> interruptions;
  /// The node that interrupted the run last; the next attempt should run elsewhere. Empty: none.
  std::string avoid_node;
  base::WallTime created_at{};
  /// When the current attempt was claimed.
  std::optional<base::WallTime> claimed_at;
  /// When the program began.
  std::optional<base::WallTime> started_at;
  std::optional<base::WallTime> finished_at;
};

/// The number of the first record of the files that came back, which follow all output; nothing
/// when there are none.
inline std::optional<std::int64_t> FirstFileSeq(const Run& run) {
  for (const Display& display : run.displays) {
    if (IsOutputFile(display)) return display.first_seq;
  }
  return std::nullopt;
}

enum class Stream { kStdout, kStderr };

/// What a program wrote to one stream without writing to the other in between.
struct OutputPiece {
  Stream stream{Stream::kStdout};
  /// Bytes as the program wrote them.
  std::string data;
  /// Bytes of this stream that were dropped just before `data`.
  std::int64_t dropped_bytes{0};

  bool operator==(const OutputPiece&) const = default;
};

/// A part of a display.
struct DisplayPart {
  /// Bytes.
  std::string data;
  /// With the last part: what it is. Its records end with this one.
  std::optional<Display> whole{};

  bool operator==(const DisplayPart&) const = default;
};

/// The unit in which output is numbered: pieces in the order in which they were written, or a part
/// of a display. `seq` counts from 0 without gaps within an attempt.
struct OutputRecord {
  std::int64_t seq{0};
  /// Milliseconds since the program began.
  std::int64_t ms{0};
  std::vector<OutputPiece> pieces;
  std::optional<DisplayPart> display;

  bool operator==(const OutputRecord&) const = default;
};

/// What the record counts as, wherever output is read by bytes.
inline std::int64_t BytesOf(const OutputRecord& record) {
  std::int64_t bytes = record.display ? std::ssize(record.display->data) : 0;
  for (const OutputPiece& piece : record.pieces) bytes += std::ssize(piece.data);
  return bytes;
}

}  // namespace oneshot::domain
