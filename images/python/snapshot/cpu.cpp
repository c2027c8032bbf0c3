#include "images/python/snapshot/cpu.h"

#include <cpuid.h>

namespace oneshot::snapshot {
namespace {

struct Leaf {
  std::uint32_t eax{}, ebx{}, ecx{}, edx{};
};

Leaf Ask(std::uint32_t leaf, std::uint32_t subleaf = 0) {
  Leaf answer;
  __cpuid_count(leaf, subleaf, answer.eax, answer.ebx, answer.ecx, answer.edx);
  return answer;
}

/// Which register sets the kernel saves (XCR0).
std::uint32_t SavedRegisterSets() {
  std::uint32_t low = 0;
  std::uint32_t high = 0;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

}  // namespace

// The leaves that glibc's, OpenBLAS' and numpy's choices of code depend on (Intel SDM, CPUID).
CpuFeatures ThisCpu() {
  constexpr std::uint32_t kXsaveInUse = 1U << 27;  // of leaf 1, ECX
  constexpr std::uint32_t kHypervisor = 1U << 31;  // says nothing about instructions
  constexpr std::uint32_t kExtended = 0x8000'0001U;
  CpuFeatures found{};
  const Leaf first = Ask(0);
  found.vendor[0] = first.ebx;
  found.vendor[1] = first.ecx;
  found.vendor[2] = first.edx;
  const Leaf basic = Ask(1);
  found.bits[0] = basic.ecx & ~kHypervisor;
  found.bits[1] = basic.edx;
  if (first.eax >= 7) {
    const Leaf structured = Ask(7);
    found.bits[2] = structured.ebx;
    found.bits[3] = structured.ecx;
    found.bits[4] = structured.edx;
    if (structured.eax >= 1) found.bits[5] = Ask(7, 1).eax;
  }
  found.bits[6] = Ask(kExtended).ecx;
  if ((basic.ecx & kXsaveInUse) != 0) found.bits[7] = SavedRegisterSets();
  return found;
}

}  // namespace oneshot::snapshot
