#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/sha256.h"
#include "core/protocol/messages.h"

namespace oneshot::test {

/// The runner's side of protocol 2 without processes: what images/python/runner says to a line from
/// the controller. Its program is played by the owner, who calls Print and End. It keeps what it
/// has said until that is acknowledged. Threads: one at a time.
class ModelRunner {
 public:
  /// What it says when it starts.
  static const std::string& ReadyLine();

  struct Answer {
    /// To its stdout, without newlines.
    std::vector<std::string> lines;
    /// The request came, for the first time: the program begins.
    bool begins{false};
    bool cancels{false};
    /// Its result is acknowledged: it ends.
    bool leaves{false};
  };
  Answer OnLine(std::string_view line);
  /// The same for who has decoded it.
  Answer On(const protocol::Command& command);

  /// The request; valid once it has come.
  const protocol::RunCommand& run() const { return *run_; }
  bool has_ended() const { return finished_.has_value(); }

  // Each returns the line that it says.
  std::string Print(const std::string& text, protocol::Stream stream = protocol::Stream::kStdout);
  std::string End(protocol::Reason reason, std::optional<int> exit_code);
  /// The same before a run has come: the end of a runner that is told to stop.
  static std::string EndWithoutRun();

 private:
  void Acknowledge(std::int64_t seq, Answer& answer);
  void Resume(std::int64_t seq, Answer& answer);

  std::optional<protocol::RunCommand> run_;
  std::vector<protocol::Output> records_;
  std::optional<protocol::Finished> finished_;
  /// The first record that is not acknowledged.
  std::int64_t held_{0};
  base::Sha256 hash_;
};

}  // namespace oneshot::test
