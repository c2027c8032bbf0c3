#include "images/python/runner/program_filter.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <span>
#include <vector>

#include "images/python/runner/unique_fd.h"

namespace oneshot::runner {
namespace {

// From 424 on, new calls have the same numbers on every architecture, and C libraries expect that
// a kernel may not have them.
constexpr std::uint32_t kFirstRecent = 424;

/// Calls without conditions. A call belongs here when the fidelity suite, the image's packages or
/// the C library use it; what only administrators, debuggers and container runtimes use does not.
constexpr std::uint32_t kAllowedCalls[] = {
    // reading and writing what is open
    SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_pread64, SYS_pwrite64, SYS_preadv, SYS_pwritev,
    SYS_preadv2, SYS_pwritev2, SYS_lseek, SYS_sendfile, SYS_splice, SYS_copy_file_range,
    SYS_fadvise64, SYS_readahead, SYS_fallocate, SYS_ftruncate, SYS_fsync, SYS_fdatasync, SYS_flock,
    SYS_dup, SYS_dup3, SYS_close, SYS_close_range, SYS_pipe2,
    // files by name; Landlock decides which of them may be changed
    SYS_openat, SYS_openat2, SYS_fstat, SYS_newfstatat, SYS_statx, SYS_statfs, SYS_fstatfs,
    SYS_faccessat, SYS_faccessat2, SYS_readlinkat, SYS_getdents64, SYS_getcwd, SYS_chdir,
    SYS_fchdir, SYS_umask, SYS_mkdirat, SYS_mknodat, SYS_unlinkat, SYS_renameat, SYS_renameat2,
    SYS_linkat, SYS_symlinkat, SYS_fchmod, SYS_fchmodat, SYS_fchown, SYS_fchownat, SYS_utimensat,
    SYS_getxattr, SYS_lgetxattr, SYS_fgetxattr, SYS_listxattr, SYS_llistxattr, SYS_flistxattr,
    SYS_inotify_init1, SYS_inotify_add_watch, SYS_inotify_rm_watch,
    // memory
    SYS_brk, SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect, SYS_madvise, SYS_mincore, SYS_msync,
    SYS_mlock, SYS_mlock2, SYS_munlock, SYS_mlockall, SYS_munlockall, SYS_membarrier,
    SYS_get_mempolicy,
    // its own processes and threads
    SYS_execve, SYS_execveat, SYS_exit, SYS_exit_group, SYS_wait4, SYS_waitid, SYS_getpid,
    SYS_getppid, SYS_gettid, SYS_getpgid, SYS_setpgid, SYS_getsid, SYS_setsid, SYS_set_tid_address,
    SYS_futex, SYS_set_robust_list, SYS_get_robust_list, SYS_rseq, SYS_sched_yield,
    SYS_sched_getaffinity, SYS_sched_getparam, SYS_sched_getscheduler, SYS_sched_getattr,
    SYS_sched_get_priority_max, SYS_sched_get_priority_min, SYS_sched_rr_get_interval,
    SYS_getpriority, SYS_getcpu,
    // its rights, which it can't raise
    SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid, SYS_getresuid, SYS_getresgid, SYS_getgroups,
    SYS_setuid, SYS_setgid, SYS_setreuid, SYS_setregid, SYS_setresuid, SYS_setresgid, SYS_setfsuid,
    SYS_setfsgid, SYS_capget, SYS_getrlimit, SYS_setrlimit, SYS_getrusage,
    // the bootstrap's last layer
    SYS_landlock_restrict_self,
    // signals
    SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigpending, SYS_rt_sigtimedwait, SYS_rt_sigsuspend,
    SYS_rt_sigreturn, SYS_sigaltstack, SYS_restart_syscall, SYS_signalfd4,
    // time
    SYS_clock_gettime, SYS_clock_getres, SYS_clock_nanosleep, SYS_nanosleep, SYS_gettimeofday,
    SYS_times, SYS_getitimer, SYS_setitimer, SYS_timer_create, SYS_timer_settime, SYS_timer_gettime,
    SYS_timer_getoverrun, SYS_timer_delete, SYS_timerfd_create, SYS_timerfd_settime,
    SYS_timerfd_gettime,
    // waiting for several things
    SYS_pselect6, SYS_ppoll, SYS_epoll_create1, SYS_epoll_ctl, SYS_epoll_pwait, SYS_epoll_pwait2,
    SYS_eventfd2,
    // sockets between its own processes
    SYS_bind, SYS_connect, SYS_listen, SYS_accept, SYS_accept4, SYS_getsockname, SYS_getpeername,
    SYS_setsockopt, SYS_getsockopt, SYS_shutdown, SYS_sendto, SYS_recvfrom, SYS_sendmsg,
    SYS_recvmsg, SYS_sendmmsg, SYS_recvmmsg,
    // the machine
    SYS_uname, SYS_sysinfo, SYS_getrandom};

/// What newer architectures no longer have.
constexpr std::initializer_list<std::uint32_t> kLegacyCalls = {
#if defined(__x86_64__)
    SYS_open,       SYS_creat,    SYS_stat,     SYS_lstat,        SYS_access,
    SYS_readlink,   SYS_getdents, SYS_mkdir,    SYS_rmdir,        SYS_mknod,
    SYS_unlink,     SYS_rename,   SYS_link,     SYS_symlink,      SYS_chmod,
    SYS_chown,      SYS_lchown,   SYS_utime,    SYS_utimes,       SYS_futimesat,
    SYS_pipe,       SYS_dup2,     SYS_select,   SYS_poll,         SYS_epoll_create,
    SYS_epoll_wait, SYS_eventfd,  SYS_signalfd, SYS_inotify_init, SYS_fork,
    SYS_vfork,      SYS_getpgrp,  SYS_alarm,    SYS_pause,        SYS_time,
    SYS_arch_prctl
#endif
};

/// The runner has the program's user id; these are the calls that would reach it by that right.
constexpr std::uint32_t kCallsByProcess[] = {
    // signals
    SYS_kill, SYS_tkill, SYS_tgkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_pidfd_open,
    // scheduling
    SYS_sched_setaffinity, SYS_sched_setparam, SYS_sched_setscheduler, SYS_sched_setattr};

constexpr std::uint32_t kNewNamespaceFlags = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
                                             CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |
                                             CLONE_NEWNET;

/// What is asked of terminals, pipes and sockets. TIOCSTI and TIOCLINUX, which push input into a
/// terminal, and what directs signals at another process are not among them.
constexpr std::uint32_t kIoctls[] = {TCGETS,    TCSETS,   TCSETSW,    TCSETSF,    TIOCGPGRP,
                                     TIOCSPGRP, TIOCOUTQ, TIOCGWINSZ, TIOCSWINSZ, FIONREAD,
                                     FIONBIO,   FIONCLEX, FIOCLEX};

constexpr std::uint32_t kForbiddenFcntls[] = {8 /*F_SETOWN*/, 15 /*F_SETOWN_EX*/, 10 /*F_SETSIG*/};

/// Of the process itself only. PR_SET_VMA names memory, as C libraries do.
constexpr std::uint32_t kPrctls[] = {PR_SET_PDEATHSIG,
                                     PR_GET_PDEATHSIG,
                                     PR_GET_DUMPABLE,
                                     PR_SET_DUMPABLE,
                                     PR_SET_NAME,
                                     PR_GET_NAME,
                                     PR_GET_SECCOMP,
                                     PR_CAPBSET_READ,
                                     PR_SET_TIMERSLACK,
                                     PR_GET_TIMERSLACK,
                                     PR_SET_NO_NEW_PRIVS,
                                     PR_GET_NO_NEW_PRIVS,
                                     PR_GET_TID_ADDRESS,
                                     PR_SET_THP_DISABLE,
                                     PR_GET_THP_DISABLE,
                                     PR_SET_CHILD_SUBREAPER,
                                     PR_GET_CHILD_SUBREAPER,
                                     0x53564d41 /*PR_SET_VMA*/};

constexpr std::uint32_t kQueryPersonality = 0xffffffff;
constexpr std::uint32_t kNeverExecutable =
    0x0008;  // MFD_NOEXEC_SEAL, newer than Debian 12's headers

void Refuse(std::vector<Rule>& rules, std::initializer_list<std::uint32_t> calls, int error) {
  for (const std::uint32_t call : calls) rules.push_back({call, error});
}

/// The call is made if the argument is one of the values.
void AllowOnly(std::vector<Rule>& rules, std::uint32_t call, std::uint32_t argument,
               std::span<const std::uint32_t> values, int error) {
  for (const std::uint32_t value : values)
    rules.push_back({call, kAllowed, Condition::kEquals, argument, value});
  rules.push_back({call, error});
}

void AddProcessRules(std::vector<Rule>& rules, const FilterFacts& facts) {
  const auto runner = static_cast<std::uint32_t>(facts.runner);
  const auto group = static_cast<std::uint32_t>(-facts.runner_group);
  rules.push_back({SYS_clone, EPERM, Condition::kAnyBit, 0, kNewNamespaceFlags});
  rules.push_back({SYS_clone, kAllowed});
  rules.push_back({SYS_kill, EPERM, Condition::kEquals, 0, group});
  for (const std::uint32_t call : kCallsByProcess) {
    rules.push_back({call, EPERM, Condition::kEquals, 0, runner});
    rules.push_back({call, kAllowed});
  }
  rules.push_back({SYS_setpriority, EPERM, Condition::kNotEquals, 0, PRIO_PROCESS});
  rules.push_back({SYS_setpriority, EPERM, Condition::kEquals, 1, runner});
  rules.push_back({SYS_setpriority, kAllowed});
  constexpr std::uint32_t kItself[] = {0};
  AllowOnly(rules, SYS_prlimit64, 0, kItself, EPERM);
  AllowOnly(rules, SYS_prctl, 0, kPrctls, EPERM);
  constexpr std::uint32_t kQuery[] = {kQueryPersonality};
  AllowOnly(rules, SYS_personality, 0, kQuery, EPERM);
}

void AddFileRules(std::vector<Rule>& rules, const FilterFacts& facts) {
  for (const std::uint32_t command : kForbiddenFcntls)
    rules.push_back({SYS_fcntl, EPERM, Condition::kEquals, 1, command});
  rules.push_back({SYS_fcntl, kAllowed});
  AllowOnly(rules, SYS_ioctl, 1, kIoctls, ENOTTY);
  // Everybody on the node would wait for the disks. There is nothing of the program's on them.
  Refuse(rules, {SYS_sync, SYS_syncfs}, 0);
  Refuse(rules,
         {SYS_setxattr, SYS_lsetxattr, SYS_fsetxattr, SYS_removexattr, SYS_lremovexattr,
          SYS_fremovexattr},
         ENOTSUP);
  if (facts.has_sealed_memory_files)
    rules.push_back({SYS_memfd_create, kAllowed, Condition::kAnyBit, 1, kNeverExecutable});
  rules.push_back({SYS_memfd_create, facts.has_sealed_memory_files ? EACCES : kAllowed});
  rules.push_back({SYS_truncate, facts.landlock_covers_truncate ? kAllowed : EACCES});
}

}  // namespace

bool HasSealedMemoryFiles() {
  const UniqueFd file(
      static_cast<int>(syscall(SYS_memfd_create, "probe", MFD_CLOEXEC | kNeverExecutable)));
  return static_cast<bool>(file);
}

Policy ProgramPolicy(const FilterFacts& facts) {
  Policy policy;
  policy.first_recent = kFirstRecent;
  policy.allowed.assign(std::begin(kAllowedCalls), std::end(kAllowedCalls));
  policy.allowed.insert(policy.allowed.end(), kLegacyCalls);

  // Only sockets between the program's own processes. EACCES reads as "Permission denied", which is
  // the truth.
  constexpr std::uint32_t kFamilies[] = {AF_UNIX};
  AllowOnly(policy.rules, SYS_socket, 0, kFamilies, EACCES);
  AllowOnly(policy.rules, SYS_socketpair, 0, kFamilies, EACCES);
  Refuse(policy.rules, {SYS_mq_open, SYS_mq_unlink}, EACCES);
  Refuse(policy.rules, {SYS_pidfd_send_signal}, EPERM);
  AddProcessRules(policy.rules, facts);
  AddFileRules(policy.rules, facts);
  return policy;
}

}  // namespace oneshot::runner
