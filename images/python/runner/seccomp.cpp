#include "images/python/runner/seccomp.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "images/python/runner/files.h"

namespace oneshot::runner {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
constexpr std::uint32_t kForeignCallBit = 0x40000000;  // x32 calls share the architecture value
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
constexpr std::uint32_t kForeignCallBit = 0;
#else
#error "seccomp.cpp: name this architecture's audit value"
#endif

sock_filter Statement(unsigned code, std::uint32_t operand) {
  return BPF_STMT(static_cast<std::uint16_t>(code), operand);
}

/// Skips `if_true` or `if_false` instructions.
sock_filter Jump(unsigned code, std::uint32_t operand, std::uint8_t if_true,
                 std::uint8_t if_false) {
  return BPF_JUMP(static_cast<std::uint16_t>(code), operand, if_true, if_false);
}

sock_filter Load(std::size_t offset) {
  return Statement(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}

sock_filter Decide(int error) {
  const std::uint32_t verdict =
      error == kAllowed
          ? SECCOMP_RET_ALLOW
          : SECCOMP_RET_ERRNO | (static_cast<std::uint32_t>(error) & SECCOMP_RET_DATA);
  return Statement(BPF_RET | BPF_K, verdict);
}

/// The lower half of an argument; both architectures above are little endian.
std::size_t ArgumentOffset(std::uint32_t argument) {
  return offsetof(seccomp_data, args) + sizeof(std::uint64_t) * argument;
}

/// The test that reaches the decision right behind it when the rule applies, and skips it
/// otherwise.
sock_filter Test(const Rule& rule) {
  switch (rule.condition) {
    case Condition::kEquals:
      return Jump(BPF_JMP | BPF_JEQ | BPF_K, rule.value, 0, 1);
    case Condition::kNotEquals:
      return Jump(BPF_JMP | BPF_JEQ | BPF_K, rule.value, 1, 0);
    case Condition::kAnyBit:
      return Jump(BPF_JMP | BPF_JSET | BPF_K, rule.value, 0, 1);
    case Condition::kAlways:
      break;
  }
  return Jump(BPF_JMP | BPF_JA, 0, 0, 0);
}

void AddRule(std::vector<sock_filter>& filter, const Rule& rule) {
  if (rule.condition == Condition::kAlways) {
    filter.push_back(Jump(BPF_JMP | BPF_JEQ | BPF_K, rule.call, 0, 1));
    filter.push_back(Decide(rule.error));
    return;
  }
  filter.push_back(Jump(BPF_JMP | BPF_JEQ | BPF_K, rule.call, 0, 4));
  filter.push_back(Load(ArgumentOffset(rule.argument)));
  filter.push_back(Test(rule));
  filter.push_back(Decide(rule.error));
  filter.push_back(Load(offsetof(seccomp_data, nr)));
}

/// Neighbouring numbers together: kernels before 5.11 execute the filter at every call, newer ones
/// remember the calls that it always allows.
void AddAllowed(std::vector<sock_filter>& filter, std::vector<std::uint32_t> calls) {
  std::ranges::sort(calls);
  for (std::size_t first = 0; first < calls.size();) {
    std::size_t last = first;
    while (last + 1 < calls.size() && calls[last + 1] <= calls[last] + 1) ++last;
    filter.push_back(Jump(BPF_JMP | BPF_JGE | BPF_K, calls[first], 0, 2));
    filter.push_back(Jump(BPF_JMP | BPF_JGT | BPF_K, calls[last], 1, 0));
    filter.push_back(Decide(kAllowed));
    first = last + 1;
  }
}

}  // namespace

std::vector<sock_filter> Compile(const Policy& policy) {
  std::vector<sock_filter> filter;
  filter.push_back(Load(offsetof(seccomp_data, arch)));
  filter.push_back(Jump(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0));
  filter.push_back(Statement(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
  filter.push_back(Load(offsetof(seccomp_data, nr)));
  if (kForeignCallBit != 0) {
    filter.push_back(Jump(BPF_JMP | BPF_JSET | BPF_K, kForeignCallBit, 0, 1));
    filter.push_back(Statement(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
  }
  for (const Rule& rule : policy.rules) AddRule(filter, rule);
  AddAllowed(filter, policy.allowed);
  filter.push_back(Jump(BPF_JMP | BPF_JGE | BPF_K, policy.first_recent, 0, 1));
  filter.push_back(Decide(ENOSYS));
  filter.push_back(Decide(EPERM));
  return filter;
}

base::Result<void> ApplyFilter(std::vector<sock_filter> filter) {
  sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) return Failure("seccomp");
  return {};
}

}  // namespace oneshot::runner
