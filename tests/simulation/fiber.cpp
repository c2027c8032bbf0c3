#include "tests/simulation/fiber.h"

#include <sys/mman.h>
#include <ucontext.h>

#include <cstdint>
#include <cstdlib>
#include <utility>
#include <vector>

namespace oneshot::simulation {
namespace {

constexpr std::size_t kStackBytes = 256 << 10;

}  // namespace

/// Memory that is given back for the next fiber: mapping costs more than a short fiber does.
struct Fiber::Stack {
  Stack() {
    if (!Spare().empty()) {
      memory = Spare().back();
      Spare().pop_back();
      return;
    }
    memory = mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) std::abort();
  }
  ~Stack() { Spare().push_back(memory); }
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;

  static std::vector<void*>& Spare() {
    thread_local std::vector<void*> spare;
    return spare;
  }

  void* memory{nullptr};
};

Fiber::Fiber(std::function<void()> body) : body_(std::move(body)) {}
Fiber::~Fiber() = default;

void Fiber::Enter(unsigned high, unsigned low) {
  auto* fiber = reinterpret_cast<Fiber*>(static_cast<std::uintptr_t>(high) << 32 | low);
  fiber->body_();
  fiber->has_finished_ = true;
  _longjmp(fiber->outside_, 1);
}

void Fiber::Resume() {
  if (_setjmp(outside_) != 0) return;
  if (stack_) _longjmp(inside_, 1);
  // makecontext is the portable way to a new stack; from then on jumps are cheaper than
  // swapcontext, which asks the kernel for the signal mask.
  stack_ = std::make_unique<Stack>();
  ucontext_t context;
  getcontext(&context);
  context.uc_stack.ss_sp = stack_->memory;
  context.uc_stack.ss_size = kStackBytes;
  context.uc_link = nullptr;
  const auto self = reinterpret_cast<std::uintptr_t>(this);
  makecontext(&context, reinterpret_cast<void (*)()>(&Fiber::Enter), 2,
              static_cast<unsigned>(self >> 32), static_cast<unsigned>(self));
  setcontext(&context);
}

void Fiber::Yield() {
  if (_setjmp(inside_) == 0) _longjmp(outside_, 1);
}

}  // namespace oneshot::simulation
