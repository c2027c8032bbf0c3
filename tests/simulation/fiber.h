#pragma once

#include <csetjmp>
#include <functional>
#include <memory>

namespace oneshot::simulation {

/// A function that can stop in its middle and go on later, on a stack of its own: what a thread is
/// in production, on the one thread that drives a simulation. Threads: one.
class Fiber {
 public:
  /// Begins with the first Resume. Exceptions must not leave `body`.
  explicit Fiber(std::function<void()> body);
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// Runs it until it yields or has finished. Not from inside a fiber.
  void Resume();
  /// From inside: gives control back to who resumed it.
  void Yield();
  bool HasBegun() const { return stack_ != nullptr; }
  bool HasFinished() const { return has_finished_; }

 private:
  struct Stack;
  static void Enter(unsigned high, unsigned low);

  std::function<void()> body_;
  std::unique_ptr<Stack> stack_;
  jmp_buf inside_;
  jmp_buf outside_;
  bool has_finished_{false};
};

}  // namespace oneshot::simulation
