#include "images/python/runner/seccomp.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

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

// Newer than Debian 12's headers; the numbers are the same on every architecture.
constexpr std::uint32_t kMapShadowStack = 453;
constexpr std::uint32_t kListmount = 458;

/// Kernel surface and neighbours that no Python program needs.
constexpr std::uint32_t kForbidden[] = {
    // other processes' memory and descriptors
    SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_process_madvise,
    SYS_process_mrelease, SYS_kcmp, SYS_pidfd_getfd, SYS_pidfd_send_signal, SYS_move_pages,
    SYS_migrate_pages, SYS_ioprio_set,
    // namespaces, mounts, roots
    SYS_unshare, SYS_setns, SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_move_mount,
    SYS_open_tree, SYS_fsopen, SYS_fsconfig, SYS_fsmount, SYS_fspick, SYS_mount_setattr, SYS_swapon,
    SYS_swapoff, SYS_name_to_handle_at, SYS_open_by_handle_at, kListmount,
    // keys, tracing, handlers in the kernel
    SYS_add_key, SYS_request_key, SYS_keyctl, SYS_bpf, SYS_perf_event_open, SYS_userfaultfd,
    SYS_fanotify_init, SYS_lookup_dcookie, SYS_syslog, SYS_acct, SYS_quotactl,
    // modules and the machine
    SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_kexec_load, SYS_reboot,
    SYS_sethostname, SYS_setdomainname, kMapShadowStack,
#if defined(__x86_64__)
    SYS_modify_ldt, SYS_ioperm, SYS_iopl,
#endif
    // System V memory would outlive its processes
    SYS_shmget, SYS_msgget, SYS_semget};

/// The runner has the program's user id; these are the calls that would reach it by that right.
constexpr std::uint32_t kCallsByProcess[] = {
    // signals
    SYS_kill, SYS_tkill, SYS_tgkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_pidfd_open,
    // scheduling
    SYS_sched_setaffinity, SYS_sched_setparam, SYS_sched_setscheduler, SYS_sched_setattr};

constexpr std::uint32_t kNewNamespaceFlags = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
                                             CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |
                                             CLONE_NEWNET;

// ioctl numbers that push input into a terminal or direct signals at another process; no header has
// all of them.
constexpr std::uint32_t kForbiddenIoctls[] = {0x5412 /*TIOCSTI*/, 0x541C /*TIOCLINUX*/,
                                              0x8901 /*FIOSETOWN*/, 0x8902 /*SIOCSPGRP*/};
constexpr std::uint32_t kForbiddenFcntls[] = {8 /*F_SETOWN*/, 15 /*F_SETOWN_EX*/, 10 /*F_SETSIG*/};

constexpr std::uint32_t kQueryPersonality = 0xffffffff;

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

sock_filter Refuse(int error) {
  return Statement(BPF_RET | BPF_K,
                   SECCOMP_RET_ERRNO | (static_cast<std::uint32_t>(error) & SECCOMP_RET_DATA));
}

/// The lower half of an argument; both architectures above are little endian.
std::size_t ArgumentOffset(std::uint32_t argument) {
  return offsetof(seccomp_data, args) + sizeof(std::uint64_t) * argument;
}

/// The test that reaches the refusal right behind it when the rule applies, and skips it otherwise.
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

}  // namespace

std::vector<Rule> ProgramRules(pid_t runner, pid_t runner_group) {
  const auto runner_pid = static_cast<std::uint32_t>(runner);
  std::vector<Rule> rules;

  // Only sockets between the program's own processes. EACCES reads as "Permission denied", which is
  // the truth.
  rules.push_back({SYS_socket, EACCES, Condition::kNotEquals, 0, AF_UNIX});
  rules.push_back({SYS_socketpair, EACCES, Condition::kNotEquals, 0, AF_UNIX});

  // ENOSYS makes libraries fall back to what can be filtered: flags of clone3 lie in memory,
  // io_uring is a second system call table.
  for (const std::uint32_t call : {SYS_clone3, SYS_io_uring_setup, SYS_io_uring_enter,
                                   SYS_io_uring_register, SYS_memfd_secret}) {
    rules.push_back({call, ENOSYS});
  }
  rules.push_back({SYS_clone, EPERM, Condition::kAnyBit, 0, kNewNamespaceFlags});
  for (const std::uint32_t call : kForbidden) rules.push_back({call, EPERM});
  rules.push_back({SYS_mq_open, EACCES});
  rules.push_back({SYS_mq_unlink, EACCES});

  for (const std::uint32_t call : kCallsByProcess) {
    rules.push_back({call, EPERM, Condition::kEquals, 0, runner_pid});
  }
  rules.push_back(
      {SYS_kill, EPERM, Condition::kEquals, 0, static_cast<std::uint32_t>(-runner_group)});
  rules.push_back({SYS_setpriority, EPERM, Condition::kNotEquals, 0, PRIO_PROCESS});
  rules.push_back({SYS_setpriority, EPERM, Condition::kEquals, 1, runner_pid});
  rules.push_back({SYS_prlimit64, EPERM, Condition::kNotEquals, 0, 0});
  for (const std::uint32_t command : kForbiddenFcntls) {
    rules.push_back({SYS_fcntl, EPERM, Condition::kEquals, 1, command});
  }
  for (const std::uint32_t request : kForbiddenIoctls) {
    rules.push_back({SYS_ioctl, EPERM, Condition::kEquals, 1, request});
  }
  rules.push_back({SYS_personality, EPERM, Condition::kNotEquals, 0, kQueryPersonality});
  return rules;
}

std::vector<sock_filter> Compile(const std::vector<Rule>& rules) {
  std::vector<sock_filter> filter;
  filter.push_back(Load(offsetof(seccomp_data, arch)));
  filter.push_back(Jump(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0));
  filter.push_back(Statement(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
  filter.push_back(Load(offsetof(seccomp_data, nr)));
  if (kForeignCallBit != 0) {
    filter.push_back(Jump(BPF_JMP | BPF_JSET | BPF_K, kForeignCallBit, 0, 1));
    filter.push_back(Statement(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
  }
  for (const Rule& rule : rules) {
    if (rule.condition == Condition::kAlways) {
      filter.push_back(Jump(BPF_JMP | BPF_JEQ | BPF_K, rule.call, 0, 1));
      filter.push_back(Refuse(rule.error));
      continue;
    }
    filter.push_back(Jump(BPF_JMP | BPF_JEQ | BPF_K, rule.call, 0, 4));
    filter.push_back(Load(ArgumentOffset(rule.argument)));
    filter.push_back(Test(rule));
    filter.push_back(Refuse(rule.error));
    filter.push_back(Load(offsetof(seccomp_data, nr)));
  }
  filter.push_back(Statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  return filter;
}

base::Result<void> ApplyFilter(std::vector<sock_filter> filter) {
  sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) return Failure("seccomp");
  return {};
}

}  // namespace oneshot::runner
