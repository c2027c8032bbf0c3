#include "images/python/runner/program_filter.h"

#include <errno.h>
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <cstring>
#include <set>
#include <utility>

namespace oneshot::runner {
namespace {

constexpr pid_t kRunner = 4711;
constexpr FilterFacts kFacts{.runner = kRunner,
                             .runner_group = 4242,
                             .has_sealed_memory_files = true,
                             .landlock_covers_truncate = true};

#if defined(__x86_64__)
constexpr std::uint32_t kOurs = AUDIT_ARCH_X86_64;
constexpr std::uint32_t kForeign = AUDIT_ARCH_I386;
#else
constexpr std::uint32_t kOurs = AUDIT_ARCH_AARCH64;
constexpr std::uint32_t kForeign = AUDIT_ARCH_ARM;
#endif

/// What the kernel would do: the few instructions that filters of ours consist of, executed.
std::uint32_t Execute(const std::vector<sock_filter>& filter, const seccomp_data& data) {
  std::uint32_t accumulator = 0;
  for (std::size_t at = 0; at < filter.size(); ++at) {
    const sock_filter& instruction = filter[at];
    const auto jump = [&](bool taken) { at += taken ? instruction.jt : instruction.jf; };
    switch (instruction.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        std::memcpy(&accumulator, reinterpret_cast<const char*>(&data) + instruction.k,
                    sizeof accumulator);
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
        jump(accumulator == instruction.k);
        break;
      case BPF_JMP | BPF_JGE | BPF_K:
        jump(accumulator >= instruction.k);
        break;
      case BPF_JMP | BPF_JGT | BPF_K:
        jump(accumulator > instruction.k);
        break;
      case BPF_JMP | BPF_JSET | BPF_K:
        jump((accumulator & instruction.k) != 0);
        break;
      case BPF_RET | BPF_K:
        return instruction.k;
      default:
        ADD_FAILURE() << "instruction " << instruction.code << " is not one of ours";
        return 0;
    }
  }
  ADD_FAILURE() << "ran off the end";
  return 0;
}

std::uint32_t VerdictOn(const FilterFacts& facts, long call, std::uint64_t first = 0,
                        std::uint64_t second = 0) {
  seccomp_data data{};
  data.nr = static_cast<int>(call);
  data.arch = kOurs;
  data.args[0] = first;
  data.args[1] = second;
  return Execute(Compile(ProgramPolicy(facts)), data);
}

/// The errno a call gets, 0 when it is made.
int Refusal(long call, std::uint64_t first = 0, std::uint64_t second = 0) {
  const std::uint32_t verdict = VerdictOn(kFacts, call, first, second);
  if (verdict == SECCOMP_RET_ALLOW) return 0;
  EXPECT_EQ(verdict & SECCOMP_RET_ACTION_FULL, SECCOMP_RET_ERRNO);
  EXPECT_NE(verdict & SECCOMP_RET_DATA, 0U) << "call " << call << " is not made, but succeeds";
  return static_cast<int>(verdict & SECCOMP_RET_DATA);
}

TEST(ProgramFilter, AllowsWhatPythonLivesOn) {
  for (const long call : {SYS_read, SYS_write, SYS_openat, SYS_close, SYS_mmap, SYS_futex,
                          SYS_execve, SYS_wait4, SYS_pipe2, SYS_epoll_wait, SYS_clock_gettime,
                          SYS_exit_group, SYS_getrandom, SYS_rseq, SYS_close_range}) {
    EXPECT_EQ(Refusal(call), 0) << call;
  }
  EXPECT_EQ(Refusal(SYS_clone, CLONE_VM | CLONE_THREAD | CLONE_SIGHAND), 0);
  EXPECT_EQ(Refusal(SYS_socketpair, AF_UNIX), 0);
  EXPECT_EQ(Refusal(SYS_prlimit64, 0), 0);
  EXPECT_EQ(Refusal(SYS_setpriority, PRIO_PROCESS, 0), 0);
}

TEST(ProgramFilter, RefusesEveryNetwork) {
  EXPECT_EQ(Refusal(SYS_socket, AF_UNIX), 0);
  for (int family = 0; family < 64; ++family) {
    if (family != AF_UNIX) {
      EXPECT_EQ(Refusal(SYS_socket, static_cast<std::uint64_t>(family)), EACCES) << family;
    }
  }
}

TEST(ProgramFilter, RefusesNamespacesThroughEveryDoor) {
  for (const std::uint64_t flag : {CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET,
                                   CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWCGROUP}) {
    EXPECT_EQ(Refusal(SYS_clone, flag | 17), EPERM);
    EXPECT_EQ(Refusal(SYS_unshare, flag), EPERM);
  }
  EXPECT_EQ(Refusal(SYS_clone3), ENOSYS)
      << "its flags lie in memory, where a filter can't see them";
  EXPECT_EQ(Refusal(SYS_setns), EPERM);
}

TEST(ProgramFilter, KeepsTheRunnerOutOfReach) {
  for (const long call :
       {SYS_kill, SYS_tkill, SYS_tgkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_pidfd_open,
        SYS_sched_setaffinity, SYS_sched_setscheduler, SYS_sched_setattr, SYS_sched_setparam}) {
    EXPECT_EQ(Refusal(call, kRunner), EPERM) << call;
    EXPECT_EQ(Refusal(call, kRunner + 1), 0) << call;
  }
  // The kernel looks at the lower half of a pid only; so must the filter.
  EXPECT_EQ(Refusal(SYS_kill, static_cast<std::uint64_t>(kRunner) | 1ULL << 32), EPERM);
  EXPECT_EQ(Refusal(SYS_kill, static_cast<std::uint64_t>(-kFacts.runner_group)), EPERM);
  EXPECT_EQ(Refusal(SYS_prlimit64, kRunner), EPERM);
  EXPECT_EQ(Refusal(SYS_setpriority, PRIO_PROCESS, kRunner), EPERM);
  EXPECT_EQ(Refusal(SYS_setpriority, PRIO_USER, 0), EPERM);
  EXPECT_EQ(Refusal(SYS_fcntl, 0, 8 /*F_SETOWN*/), EPERM);
  EXPECT_EQ(Refusal(SYS_fcntl, 0, 3 /*F_GETFL*/), 0);
  EXPECT_EQ(Refusal(SYS_ioctl, 0, 0x5412 /*TIOCSTI*/), ENOTTY);
  EXPECT_EQ(Refusal(SYS_ioctl, 0, 0x5413 /*TIOCGWINSZ*/), 0);
}

TEST(ProgramFilter, RefusesKernelSurfacePythonHasNoUseFor) {
  for (const long call :
       {SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_pidfd_send_signal, SYS_mount,
        SYS_keyctl, SYS_add_key, SYS_bpf, SYS_userfaultfd, SYS_perf_event_open, SYS_shmget,
        SYS_semget, SYS_msgget, SYS_seccomp, SYS_vmsplice, SYS_name_to_handle_at}) {
    EXPECT_EQ(Refusal(call), EPERM) << call;
  }
  for (const long call : {SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register,
                          SYS_pidfd_getfd, SYS_open_tree, SYS_fsopen, SYS_memfd_secret}) {
    EXPECT_EQ(Refusal(call), ENOSYS) << call;
  }
  EXPECT_EQ(Refusal(SYS_mq_open), EACCES);
  EXPECT_EQ(Refusal(SYS_personality, 0x0040000 /*ADDR_NO_RANDOMIZE*/), EPERM);
  EXPECT_EQ(Refusal(SYS_personality, 0xffffffff), 0) << "asking changes nothing";
}

TEST(ProgramFilter, KillsCallsOfAnotherArchitecture) {
  const auto filter = Compile(ProgramPolicy(kFacts));
  seccomp_data data{};
  data.nr = SYS_read;
  data.arch = kForeign;
  EXPECT_EQ(Execute(filter, data), SECCOMP_RET_KILL_PROCESS);
#if defined(__x86_64__)
  data.arch = kOurs;
  data.nr = SYS_read | 0x40000000;  // x32
  EXPECT_EQ(Execute(filter, data), SECCOMP_RET_KILL_PROCESS);
#endif
}

TEST(ProgramFilter, RefusesWhatNobodyHasListed) {
  constexpr long kLegacyEnd =
      335;  // x86-64 and aarch64 have nothing between it and the recent ones
  EXPECT_EQ(Refusal(kLegacyEnd), EPERM);
  // Calls that this kernel has, or that one yet to come will have.
  for (const long call : {457L /*statmount*/, 458L /*listmount*/, 462L /*mseal*/, 1000L}) {
    EXPECT_EQ(Refusal(call), ENOSYS) << call;
  }
}

TEST(ProgramFilter, LetsNobodyWaitForTheDisks) {
  for (const long call : {SYS_sync, SYS_syncfs}) {
    EXPECT_EQ(VerdictOn(kFacts, call), SECCOMP_RET_ERRNO | 0U) << "returns 0, and does nothing";
  }
  EXPECT_EQ(Refusal(SYS_fsync), 0) << "its own file in memory";
}

TEST(ProgramFilter, MakesOnlyMemoryFilesThatAreNeverExecutable) {
  constexpr std::uint64_t kCloseOnExec = 1;
  constexpr std::uint64_t kNeverExecutable = 8;
  EXPECT_EQ(Refusal(SYS_memfd_create, 0, kCloseOnExec), EACCES);
  EXPECT_EQ(Refusal(SYS_memfd_create, 0, kCloseOnExec | kNeverExecutable), 0);
  FilterFacts old_kernel = kFacts;
  old_kernel.has_sealed_memory_files = false;
  EXPECT_EQ(VerdictOn(old_kernel, SYS_memfd_create, 0, kCloseOnExec), SECCOMP_RET_ALLOW);
}

TEST(ProgramFilter, RefusesTruncateWhereLandlockDoesNot) {
  EXPECT_EQ(Refusal(SYS_truncate), 0);
  FilterFacts old_kernel = kFacts;
  old_kernel.landlock_covers_truncate = false;
  EXPECT_EQ(VerdictOn(old_kernel, SYS_truncate), SECCOMP_RET_ERRNO | EACCES);
}

TEST(ProgramFilter, ChangesOnlyTheProcessItself) {
  EXPECT_EQ(Refusal(SYS_prctl, 15 /*PR_SET_NAME*/), 0);
  for (const std::uint64_t option : {22 /*PR_SET_SECCOMP*/, 35 /*PR_SET_MM*/, 62 /*PR_SCHED_CORE*/,
                                     0x59616d61 /*PR_SET_PTRACER*/}) {
    EXPECT_EQ(Refusal(SYS_prctl, option), EPERM) << option;
  }
}

TEST(ProgramFilter, AsksDevicesOnlyWhatTerminalsPipesAndSocketsAnswer) {
  EXPECT_EQ(Refusal(SYS_ioctl, 0, 0x5401 /*TCGETS*/), 0);
  EXPECT_EQ(Refusal(SYS_ioctl, 0, 0x541b /*FIONREAD*/), 0);
  EXPECT_EQ(Refusal(SYS_ioctl, 0, 0x8901 /*FIOSETOWN*/), ENOTTY);
  EXPECT_EQ(Refusal(SYS_ioctl, 0, 0xc0186201 /*a driver's*/), ENOTTY);
}

TEST(ProgramFilter, SaysEveryCallOnlyOnce) {
  const Policy policy = ProgramPolicy(kFacts);
  std::set<std::uint32_t> decided(policy.allowed.begin(), policy.allowed.end());
  EXPECT_EQ(decided.size(), policy.allowed.size());
  for (const Rule& rule : policy.rules) {
    if (rule.condition == Condition::kAlways) {
      EXPECT_TRUE(decided.insert(rule.call).second) << rule.call;
    }
  }
}

TEST(ProgramFilter, FitsTheKernelsLimit) {
  EXPECT_LT(Compile(ProgramPolicy(kFacts)).size(), 4096U);
}

}  // namespace
}  // namespace oneshot::runner
