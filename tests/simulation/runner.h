#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/protocol/messages.h"
#include "tests/simulation/oracle.h"
#include "tests/support/model_runner.h"

namespace oneshot::simulation {

/// The runner in one container: protocol 2 as images/python/runner speaks it, with a program of the
/// oracle's.
class Runner : public std::enable_shared_from_this<Runner> {
 public:
  struct Handlers {
    /// A line for the container's stdout, without its newline.
    std::function<void(std::string line)> on_line;
    /// PID 1 has ended.
    std::function<void(int exit_code, std::string termination_message)> on_exit;
  };
  Runner(World& world, Oracle& oracle, std::string name, Handlers handlers);

  /// PID 1 begins.
  void Boot();
  /// A line came by the container's stdin.
  void OnLine(std::string_view line);
  /// SIGTERM.
  void Terminate();
  /// Without a word; the node's fault.
  void Die();
  /// Nobody can be blamed for losing what it executed.
  void Excuse();
  /// From now on it breaks the protocol.
  void Lie() { lies_ = true; }
  /// Its log is gone, which had what nobody came for in time.
  void Forget();
  bool IsAlive() const { return is_alive_; }

 private:
  void Begin();
  void Print(int index);
  void End(protocol::Reason reason, int exit_code);
  /// Writes the termination message and ends.
  void Leave(int exit_code);
  void Say(std::vector<std::string> lines);
  /// What a liar says instead of `line`.
  std::vector<std::string> Lies(const std::string& line);
  void After(std::chrono::nanoseconds pause, std::function<void(Runner&)> act);

  World& world_;
  Oracle& oracle_;
  const std::string name_;
  const Handlers handlers_;
  bool is_alive_{true};
  bool is_leaving_{false};
  bool lies_{false};
  /// What it said is not in its log any more.
  bool has_lost_log_{false};
  test::ModelRunner protocol_;
  std::shared_ptr<Execution> execution_;
  std::string end_;
};

/// The run and attempt of a request, if `bytes` is one: for who must know that it was written.
void NoteRequest(std::string_view bytes, Oracle& oracle);

}  // namespace oneshot::simulation
