#pragma once

#include <cstddef>

#include "images/python/snapshot/format.h"

namespace oneshot::snapshot {

/// Goes on where `registers` say, as if what was called there had returned 0. `fs_base` stays.
[[noreturn]] inline void GoOn(const Registers& registers) {
  static_assert(offsetof(Registers, rbx) == 0 && offsetof(Registers, rip) == 56);
  __asm__ volatile(
      "mov 0(%%rdi), %%rbx\n"
      "mov 8(%%rdi), %%rbp\n"
      "mov 16(%%rdi), %%r12\n"
      "mov 24(%%rdi), %%r13\n"
      "mov 32(%%rdi), %%r14\n"
      "mov 40(%%rdi), %%r15\n"
      "mov 48(%%rdi), %%rsp\n"
      "xor %%eax, %%eax\n"
      "jmp *56(%%rdi)\n"
      :
      : "D"(&registers)
      : "memory");
  __builtin_unreachable();
}

}  // namespace oneshot::snapshot
