/// The snapshot file: a Header with the tables that it points to, then whole pages of memory.
///
/// take.py writes it on the machine that builds the image, restore.cpp maps it on the machine that
/// runs a pod. All numbers are little endian, all offsets count from the beginning of the file.
/// snapshot_file.py mirrors these structures; tests/runner/snapshot_test.cpp restores what it
/// wrote.
#pragma once

#include <cstdint>

namespace oneshot::snapshot {

/// "ONESHOT" and a zero.
inline constexpr std::uint64_t kMagic = 0x0054'4f48'5345'4e4f;
/// Changes with every change of this file.
inline constexpr std::uint32_t kVersion = 1;
/// Header, tables and strings fit into it; the pages begin behind it.
inline constexpr std::uint64_t kHeaderSpace = 1U << 20;
inline constexpr std::uint64_t kPage = 4096;

/// `count` entries, one behind the other.
struct Table {
  std::uint64_t offset;
  std::uint64_t count;
};

/// What a System V function call keeps, and where the thread goes on: behind the system call in
/// which it was stopped. Vector registers and flags need not survive a call.
struct Registers {
  std::uint64_t rbx, rbp, r12, r13, r14, r15, rsp, rip;
  /// Of the thread's control block, for ARCH_SET_FS.
  std::uint64_t fs_base;
};

/// What CPUID says, as far as libraries choose their code by it.
struct CpuFeatures {
  /// Every bit that is set must be set on the machine that restores. See cpu.cpp for the words.
  std::uint32_t bits[8];
  /// "AuthenticAMD" and the like. Must be equal: glibc tunes its functions by it.
  std::uint32_t vendor[3];
  std::uint32_t reserved;
};

/// A range of addresses that is mapped, and with what.
struct Region {
  std::uint64_t address;
  std::uint64_t bytes;
  /// Of its pages in the file; 0 where all of them are zeros, which are not kept.
  std::uint64_t offset;
  /// PROT_*.
  std::uint64_t protection;
};

/// A file that must be as it was, because what is in the snapshot was made from it.
struct File {
  /// Ends with a zero.
  std::uint64_t path_offset;
  std::uint64_t bytes;
  /// Seconds since 1970. Image layers keep no fractions.
  std::uint64_t modified;
};

/// What a signal does: struct sigaction as the kernel has it, behind the signal's number.
struct Signal {
  std::uint64_t number;
  std::uint64_t handler, flags, restorer, mask;
};

/// A pointer in the dynamic linker's memory to a function of the vDSO, which lies elsewhere in
/// every process.
struct VdsoPointer {
  std::uint64_t address;
  std::uint64_t name_offset;
};

/// Pages that most programs write to. The kernel copies them at once for less than half of what it
/// costs when the program runs into each of them, and before the program's time begins.
struct Range {
  std::uint64_t address;
  std::uint64_t bytes;
};

struct Header {
  std::uint64_t magic;
  std::uint32_t version;
  std::uint32_t reserved;
  /// Of everything behind this field up to header_bytes, see Checksum().
  std::uint64_t checksum;
  /// Of the header with its tables and strings; a multiple of 8.
  std::uint64_t header_bytes;
  std::uint64_t file_bytes;

  /// Region, by address.
  Table regions;
  /// File.
  Table files;
  /// Range, by address; each within one region.
  Table written;
  /// Signal; those that are not at their default.
  Table signals;
  /// VdsoPointer.
  Table vdso_pointers;
  /// "NAME=value" and a zero each: what libraries may have read while they were imported.
  Table environment;

  Registers registers;
  std::uint64_t signal_mask;
  /// Where glibc keeps the thread's id, and where the kernel clears it when the thread ends.
  std::uint64_t thread_id_address;
  std::uint64_t robust_list_address;
  std::uint64_t robust_list_bytes;
  /// glibc's `__curbrk`: where it believes the heap to end.
  std::uint64_t break_address;
  /// As in /proc/self/comm.
  char thread_name[16];
  CpuFeatures cpu;
};

static_assert(sizeof(Region) == 32 && sizeof(File) == 24 && sizeof(Signal) == 40);
static_assert(sizeof(VdsoPointer) == 16 && sizeof(Range) == 16 && sizeof(Header) == 312);

/// Finds a header that was damaged; not one that was forged. Of 64-bit words, FNV-1a with words in
/// place of bytes.
inline std::uint64_t Checksum(const std::uint64_t* words, std::uint64_t count) {
  std::uint64_t sum = 0xcbf2'9ce4'8422'2325;
  for (std::uint64_t i = 0; i < count; ++i) sum = (sum ^ words[i]) * 0x0000'0100'0000'01b3;
  return sum;
}

}  // namespace oneshot::snapshot
