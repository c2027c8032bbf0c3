#include "images/python/runner/seccomp.h"

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
constexpr pid_t kGroup = 4242;

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

/// The errno a call gets, 0 when it is allowed.
int Refusal(long call, std::uint64_t first = 0, std::uint64_t second = 0) {
  static const auto filter = Compile(ProgramRules(kRunner, kGroup));
  seccomp_data data{};
  data.nr = static_cast<int>(call);
  data.arch = kOurs;
  data.args[0] = first;
  data.args[1] = second;
  const std::uint32_t verdict = Execute(filter, data);
  if (verdict == SECCOMP_RET_ALLOW) return 0;
  EXPECT_EQ(verdict & SECCOMP_RET_ACTION_FULL, SECCOMP_RET_ERRNO);
  return static_cast<int>(verdict & SECCOMP_RET_DATA);
}

TEST(Seccomp, AllowsWhatPythonLivesOn) {
  for (const long call :
       {SYS_read, SYS_write, SYS_openat, SYS_close, SYS_mmap, SYS_futex, SYS_execve, SYS_wait4,
        SYS_pipe2, SYS_epoll_wait, SYS_clock_gettime, SYS_memfd_create, SYS_exit_group, SYS_prctl,
        SYS_getrandom, SYS_rseq, SYS_close_range}) {
    EXPECT_EQ(Refusal(call), 0) << call;
  }
  EXPECT_EQ(Refusal(SYS_clone, CLONE_VM | CLONE_THREAD | CLONE_SIGHAND), 0);
  EXPECT_EQ(Refusal(SYS_socketpair, AF_UNIX), 0);
  EXPECT_EQ(Refusal(SYS_prlimit64, 0), 0);
  EXPECT_EQ(Refusal(SYS_setpriority, PRIO_PROCESS, 0), 0);
}

TEST(Seccomp, RefusesEveryNetwork) {
  EXPECT_EQ(Refusal(SYS_socket, AF_UNIX), 0);
  for (int family = 0; family < 64; ++family) {
    if (family != AF_UNIX) {
      EXPECT_EQ(Refusal(SYS_socket, static_cast<std::uint64_t>(family)), EACCES) << family;
    }
  }
}

TEST(Seccomp, RefusesNamespacesThroughEveryDoor) {
  for (const std::uint64_t flag : {CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET,
                                   CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWCGROUP}) {
    EXPECT_EQ(Refusal(SYS_clone, flag | 17), EPERM);
    EXPECT_EQ(Refusal(SYS_unshare, flag), EPERM);
  }
  EXPECT_EQ(Refusal(SYS_clone3), ENOSYS)
      << "its flags lie in memory, where a filter can't see them";
  EXPECT_EQ(Refusal(SYS_setns), EPERM);
}

TEST(Seccomp, KeepsTheRunnerOutOfReach) {
  for (const long call :
       {SYS_kill, SYS_tkill, SYS_tgkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_pidfd_open,
        SYS_sched_setaffinity, SYS_sched_setscheduler, SYS_sched_setattr, SYS_sched_setparam}) {
    EXPECT_EQ(Refusal(call, kRunner), EPERM) << call;
    EXPECT_EQ(Refusal(call, kRunner + 1), 0) << call;
  }
  // The kernel looks at the lower half of a pid only; so must the filter.
  EXPECT_EQ(Refusal(SYS_kill, static_cast<std::uint64_t>(kRunner) | 1ULL << 32), EPERM);
  EXPECT_EQ(Refusal(SYS_kill, static_cast<std::uint64_t>(-kGroup)), EPERM);
  EXPECT_EQ(Refusal(SYS_prlimit64, kRunner), EPERM);
  EXPECT_EQ(Refusal(SYS_setpriority, PRIO_PROCESS, kRunner), EPERM);
  EXPECT_EQ(Refusal(SYS_setpriority, PRIO_USER, 0), EPERM);
  EXPECT_EQ(Refusal(SYS_fcntl, 0, 8 /*F_SETOWN*/), EPERM);
  EXPECT_EQ(Refusal(SYS_fcntl, 0, 3 /*F_GETFL*/), 0);
  EXPECT_EQ(Refusal(SYS_ioctl, 0, 0x5412 /*TIOCSTI*/), EPERM);
  EXPECT_EQ(Refusal(SYS_ioctl, 0, 0x5413 /*TIOCGWINSZ*/), 0);
}

TEST(Seccomp, RefusesKernelSurfacePythonHasNoUseFor) {
  for (const long call :
       {SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_pidfd_getfd,
        SYS_pidfd_send_signal, SYS_mount, SYS_keyctl, SYS_add_key, SYS_bpf, SYS_userfaultfd,
        SYS_perf_event_open, SYS_shmget, SYS_semget, SYS_msgget}) {
    EXPECT_EQ(Refusal(call), EPERM) << call;
  }
  for (const long call : {SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register}) {
    EXPECT_EQ(Refusal(call), ENOSYS) << call;
  }
  EXPECT_EQ(Refusal(SYS_mq_open), EACCES);
  EXPECT_EQ(Refusal(SYS_personality, 0x0040000 /*ADDR_NO_RANDOMIZE*/), EPERM);
  EXPECT_EQ(Refusal(SYS_personality, 0xffffffff), 0) << "asking changes nothing";
}

TEST(Seccomp, KillsCallsOfAnotherArchitecture) {
  const auto filter = Compile(ProgramRules(kRunner, kGroup));
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

TEST(Seccomp, TellsTheSameCallOnlyOnceWhatIsAlwaysRefused) {
  std::set<std::uint32_t> seen;
  for (const Rule& rule : ProgramRules(kRunner, kGroup)) {
    if (rule.condition == Condition::kAlways) {
      EXPECT_TRUE(seen.insert(rule.call).second) << rule.call;
    }
  }
}

TEST(Seccomp, FitsTheKernelsLimit) {
  EXPECT_LT(Compile(ProgramRules(kRunner, kGroup)).size(), 4096U);
}

}  // namespace
}  // namespace oneshot::runner
