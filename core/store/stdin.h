#pragma once

#include <cstdint>
#include <string>

namespace oneshot::store {

/// What a run gets on its standard input while it is active.
struct StdinPiece {
  /// Bytes.
  std::string data;
  /// The end of the input; then there is no data.
  bool is_end{false};

  bool operator==(const StdinPiece&) const = default;
};

/// Of all pieces of a run.
struct StdinBounds {
  std::int64_t bytes{262'144};
  int pieces{10'000};
};

/// What became of a piece.
struct StdinAnswer {
  enum class Outcome {
    /// It is stored, now or by an earlier call.
    kTaken,
    kRunEnded,
    /// The run was not submitted with `stdin_open`.
    kNotOpen,
    /// The end of the input has come.
    kInputEnded,
    /// Its number is not the next one, and another piece has it, or none.
    kOutOfOrder,
    /// There would be more than the bounds allow.
    kTooMuch,
  };
  Outcome outcome{Outcome::kTaken};
  /// Number of the next piece.
  int next_seq{0};
};

}  // namespace oneshot::store
