// oneshot-restore: turns itself into the interpreter that ONESHOT_SNAPSHOT holds.
//
// Executed by the runner in place of `python3 /code/main.py`, with the same arguments, environment
// and descriptors, inside the sandbox. It either refuses, says why on the control socket and exits,
// or maps the snapshot and goes on where the interpreter was stopped, in the middle of the
// bootstrap. It needs no privilege, has no C library, and lies where no snapshot has anything
// (CMakeLists.txt).
//
// `oneshot-restore --cpu` prints this machine's CpuFeatures, a word a line, for take.py.

#include <asm/prctl.h>
#include <asm/signal.h>
#include <asm/stat.h>
#include <linux/auxvec.h>
#include <linux/fcntl.h>
#include <linux/mman.h>
#include <linux/prctl.h>

#include <cstddef>
#include <cstdint>

#include "images/python/snapshot/cpu.h"
#include "images/python/snapshot/format.h"
#include "images/python/snapshot/go_on.h"
#include "images/python/snapshot/system_calls.h"
#include "images/python/snapshot/text.h"
#include "images/python/snapshot/vdso.h"

// The compiler calls them for copies and clears, C library or not.
// NOLINTBEGIN(readability-identifier-naming)
extern "C" void* memcpy(void* to, const void* from, std::size_t count) {
  void* const result = to;
  __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
  return result;
}

extern "C" void* memset(void* to, int value, std::size_t count) {
  void* const result = to;
  __asm__ volatile("rep stosb" : "+D"(to), "+c"(count) : "a"(value) : "memory");
  return result;
}

// NOLINTEND(readability-identifier-naming)

namespace oneshot::snapshot {
namespace {

// As in interpreter.cpp.
constexpr int kControlFd = 3;

constexpr std::uint64_t kSignalSetBytes = 8;

void Write(int descriptor, const char* text) { Call(__NR_write, descriptor, text, Length(text)); }

[[noreturn]] void Exit(int status) {
  for (;;) Call(__NR_exit_group, status);
}

/// The runner starts an ordinary Python then.
[[noreturn]] void Refuse(const char* reason) {
  Write(kControlFd, "snapshot refused: ");
  Write(kControlFd, reason);
  Write(kControlFd, "\n");
  Exit(1);
}

void Require(bool holds, const char* reason) {
  if (!holds) Refuse(reason);
}

/// What the kernel puts on a new process' stack.
struct Start {
  explicit Start(const std::uint64_t* stack)
      : argument_count(*stack),
        arguments(reinterpret_cast<char* const*>(stack + 1)),
        environment(arguments + argument_count + 1) {}

  /// In the process' own memory, where it may be changed.
  char* Variable(const char* name_and_equals) const {
    for (char* const* each = environment; *each != nullptr; ++each) {
      if (const char* value = After(*each, name_and_equals)) return *each + (value - *each);
    }
    return nullptr;
  }

  std::uint64_t Auxiliary(std::uint64_t type) const {
    char* const* end = environment;
    while (*end != nullptr) ++end;
    const auto* entry = reinterpret_cast<const std::uint64_t*>(end + 1);
    for (; entry[0] != AT_NULL; entry += 2) {
      if (entry[0] == type) return entry[1];
    }
    return 0;
  }

  std::uint64_t argument_count;
  char* const* arguments;
  char* const* environment;
};

/// The header in our memory.
class Snapshot {
 public:
  explicit Snapshot(const char* path)
      : descriptor_(static_cast<int>(Call(__NR_open, path, O_RDONLY | O_CLOEXEC))) {
    Require(descriptor_ >= 0, "the snapshot cannot be opened");
    struct stat found {};
    Require(Call(__NR_fstat, descriptor_, &found) == 0 &&
                static_cast<std::uint64_t>(found.st_size) >= kHeaderSpace,
            "the snapshot is too short");
    const long at = Call(__NR_mmap, 0, kHeaderSpace, PROT_READ, MAP_PRIVATE, descriptor_, 0);
    Require(at > 0, "the snapshot cannot be mapped");
    start_ = reinterpret_cast<const char*>(at);

    Require(header().magic == kMagic, "the file is no snapshot");
    Require(header().version == kVersion, "the snapshot has another version");
    Require(header().file_bytes == static_cast<std::uint64_t>(found.st_size),
            "the snapshot is not whole");
    Require(header().header_bytes <= kHeaderSpace && header().checksum == SumOfHeader(),
            "the snapshot is damaged");
  }

  const Header& header() const { return *reinterpret_cast<const Header*>(start_); }
  int descriptor() const { return descriptor_; }
  const char* Text(std::uint64_t offset) const { return start_ + offset; }

  template <typename T>
  struct Entries {
    const T* first;
    const T* last;
    const T* begin() const { return first; }
    const T* end() const { return last; }
  };

  template <typename T>
  Entries<T> In(const Table& table) const {
    const T* first = reinterpret_cast<const T*>(start_ + table.offset);
    return {first, first + table.count};
  }

 private:
  std::uint64_t SumOfHeader() const {
    constexpr std::uint64_t kFrom = offsetof(Header, header_bytes);
    return Checksum(reinterpret_cast<const std::uint64_t*>(start_ + kFrom),
                    (header().header_bytes - kFrom) / sizeof(std::uint64_t));
  }

  int descriptor_;
  const char* start_{nullptr};
};

void RequireCpu(const CpuFeatures& wanted) {
  const CpuFeatures here = ThisCpu();
  for (std::size_t i = 0; i < 3; ++i)
    Require(wanted.vendor[i] == here.vendor[i], "the CPU is another vendor's");
  for (std::size_t i = 0; i < 8; ++i)
    Require((wanted.bits[i] & ~here.bits[i]) == 0, "the CPU lacks a feature");
}

/// Variables of the bootstrap and the runner, and the time zone, which is read anew.
bool IsOfThisStart(const char* variable) {
  return After(variable, "ONESHOT_") != nullptr || After(variable, "PYTHONPATH=") != nullptr ||
         After(variable, "TZ=") != nullptr;
}

/// Libraries read their environment when they are loaded, so it must be what it was then.
void RequireEnvironment(const Snapshot& snapshot, const Start& start) {
  std::uint64_t known = 0;
  for (char* const* each = start.environment; *each != nullptr; ++each) {
    if (IsOfThisStart(*each)) continue;
    const char* then = snapshot.Text(snapshot.header().environment.offset);
    bool is_known = false;
    for (std::uint64_t i = 0; i < snapshot.header().environment.count && !is_known; ++i) {
      is_known = Equal(then, *each);
      then += Length(then) + 1;
    }
    Require(is_known, "an environment variable differs");
    ++known;
  }
  Require(known == snapshot.header().environment.count, "an environment variable is missing");
}

bool IsAsItWas(const File& file, const struct stat& found) {
  return static_cast<std::uint64_t>(found.st_size) == file.bytes &&
         static_cast<std::uint64_t>(found.st_mtime) == file.modified;
}

void RequireFiles(const Snapshot& snapshot) {
  for (const File& file : snapshot.In<File>(snapshot.header().files)) {
    struct stat found {};
    Require(Call(__NR_stat, snapshot.Text(file.path_offset), &found) == 0,
            "a file of the snapshot is missing");
    Require(IsAsItWas(file, found), "a file has changed since the snapshot");
  }
}

/// The kernel puts the stack of each process somewhere in the topmost 16 GiB, and the snapshot's 8
/// MiB are there as well: once in 2,000 starts they meet. Executed anew, we have another one.
[[noreturn]] void TryAgain(const Start& start) {
  constexpr char kMostTries = '4';
  char* tries = start.Variable("ONESHOT_RESTORE_TRIES=");
  if (tries != nullptr && *tries < kMostTries) {
    ++*tries;
    Call(__NR_execve, start.Auxiliary(AT_EXECFN), start.arguments, start.environment);
  }
  Refuse("the kernel refused a mapping");
}

void MapRegions(const Snapshot& snapshot, const Start& start) {
  // What is private and not reserved is not counted before it is written to.
  constexpr std::uint64_t kFlags = MAP_PRIVATE | MAP_FIXED_NOREPLACE | MAP_NORESERVE;
  for (const Region& region : snapshot.In<Region>(snapshot.header().regions)) {
    const bool is_zeros = region.offset == 0;
    const long at = Call(__NR_mmap, region.address, region.bytes, region.protection,
                         is_zeros ? kFlags | MAP_ANONYMOUS : kFlags,
                         is_zeros ? -1 : snapshot.descriptor(), region.offset);
    if (at != static_cast<long>(region.address)) TryAgain(start);
  }
}

/// Errors are not looked at: where the kernel does not know the advice (before Linux 5.14), each
/// page is copied when it is written to.
void CopyWhatWillBeWritten(const Snapshot& snapshot) {
  for (const Range& range : snapshot.In<Range>(snapshot.header().written))
    Call(__NR_madvise, range.address, range.bytes, MADV_POPULATE_WRITE);
}

/// Lets the clock be read without a system call, as in any process: the snapshot was taken from one
/// that saw no vDSO.
void PointToVdso(const Snapshot& snapshot, std::uint64_t vdso) {
  if (vdso == 0) return;
  for (const VdsoPointer& pointer : snapshot.In<VdsoPointer>(snapshot.header().vdso_pointers)) {
    const std::uint64_t function = VdsoFunction(vdso, snapshot.Text(pointer.name_offset));
    const std::uint64_t page = pointer.address & ~(kPage - 1);
    // It lies in what the dynamic linker makes read-only after relocation.
    if (Call(__NR_mprotect, page, kPage, PROT_READ | PROT_WRITE) != 0) return;
    *reinterpret_cast<std::uint64_t*>(pointer.address) = function;
    Call(__NR_mprotect, page, kPage, PROT_READ);
  }
}

/// What the kernel keeps about a thread.
void RestoreKernelState(const Snapshot& snapshot) {
  const Header& header = snapshot.header();
  for (const Signal& signal : snapshot.In<Signal>(header.signals))
    Call(__NR_rt_sigaction, signal.number, &signal.handler, 0, kSignalSetBytes);
  Call(__NR_rt_sigprocmask, SIG_SETMASK, &header.signal_mask, 0, kSignalSetBytes);
  Call(__NR_set_robust_list, header.robust_list_address, header.robust_list_bytes);
  Call(__NR_prctl, PR_SET_NAME, header.thread_name);
  const long thread_id = Call(__NR_set_tid_address, header.thread_id_address);
  *reinterpret_cast<std::uint32_t*>(header.thread_id_address) =
      static_cast<std::uint32_t>(thread_id);
  // The heap that the snapshot holds is memory like any other now; glibc goes on in ours, which
  // lies above it, as its allocator demands.
  *reinterpret_cast<std::uint64_t*>(header.break_address) =
      static_cast<std::uint64_t>(Call(__NR_brk, 0));
}

/// Goes on behind the system call in which the snapshot was taken, which returned 0.
[[noreturn]] void Jump(const Registers& registers) {
  Call(__NR_arch_prctl, ARCH_SET_FS, registers.fs_base);
  GoOn(registers);
}

[[noreturn]] void PrintCpu() {
  const CpuFeatures here = ThisCpu();
  const auto print = [](std::uint32_t word) {
    char line[] = "00000000\n";
    for (int i = 7; i >= 0; --i, word >>= 4) line[i] = "0123456789abcdef"[word & 15];
    Write(1, line);
  };
  for (const std::uint32_t word : here.bits) print(word);
  for (const std::uint32_t word : here.vendor) print(word);
  Exit(0);
}

}  // namespace

/// Called by _start with the stack as the kernel left it.
extern "C" [[noreturn, gnu::used]] void RestoreFrom(const std::uint64_t* stack) {
  const Start start(stack);
  if (start.argument_count == 2 && Equal(start.arguments[1], "--cpu")) PrintCpu();
  const char* path = start.Variable("ONESHOT_SNAPSHOT=");
  Require(path != nullptr, "ONESHOT_SNAPSHOT is not set");
  const Snapshot snapshot(path);
  RequireCpu(snapshot.header().cpu);
  RequireEnvironment(snapshot, start);
  RequireFiles(snapshot);
  MapRegions(snapshot, start);
  Call(__NR_close, snapshot.descriptor());
  CopyWhatWillBeWritten(snapshot);
  PointToVdso(snapshot, start.Auxiliary(AT_SYSINFO_EHDR));
  RestoreKernelState(snapshot);
  Jump(snapshot.header().registers);
}

}  // namespace oneshot::snapshot

__asm__(
    ".globl _start\n"
    "_start:\n"
    "  xor %ebp, %ebp\n"
    "  mov %rsp, %rdi\n"
    "  and $-16, %rsp\n"
    "  call RestoreFrom\n"
    "  hlt\n");
