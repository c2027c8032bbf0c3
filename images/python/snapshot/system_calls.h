/// The kernel without a C library: oneshot-restore has none, because its own would lie where the
/// snapshot's has to be, or be as large as all the rest.
#pragma once

#include <asm/unistd_64.h>

#include <cstdint>

namespace oneshot::snapshot {

inline long SystemCall(long number, std::uint64_t a = 0, std::uint64_t b = 0, std::uint64_t c = 0,
                       std::uint64_t d = 0, std::uint64_t e = 0, std::uint64_t f = 0) {
  register std::uint64_t r10 __asm__("r10") = d;
  register std::uint64_t r8 __asm__("r8") = e;
  register std::uint64_t r9 __asm__("r9") = f;
  long result = number;
  __asm__ volatile("syscall"
                   : "+a"(result)
                   : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}

inline std::uint64_t Address(const void* pointer) {
  return reinterpret_cast<std::uint64_t>(pointer);
}

/// A system call whose pointers are pointers.
template <typename... Arguments>
long Call(long number, Arguments... arguments) {
  const auto as_word = [](auto argument) {
    if constexpr (requires { *argument; }) {
      return Address(argument);
    } else {
      return static_cast<std::uint64_t>(argument);
    }
  };
  return SystemCall(number, as_word(arguments)...);
}

}  // namespace oneshot::snapshot
