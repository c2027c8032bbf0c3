#pragma once

#include <cstdint>

namespace oneshot::store {

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
