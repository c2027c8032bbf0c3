// What a program can't do, and that the usual things still work beside it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/runner/runner_process.h"

namespace oneshot::runner {
namespace {

using testing::HasSubstr;

/// Runs Python that tries each line of `attempts` and prints the name of the error, or "done".
std::string Try(const std::string& attempts, std::int64_t scratch_bytes = 0) {
  protocol::RunCommand command = Program(R"(
import ctypes, errno, os, socket, signal, sys
libc = ctypes.CDLL(None, use_errno=True)
def syscall(*arguments):
    if libc.syscall(*arguments) == -1: raise OSError(ctypes.get_errno(), '')
for attempt in ''')" + attempts + R"('''.strip().splitlines():
    try: exec(attempt)
    except OSError as error: print(errno.errorcode[error.errno])
    else: print('done')
)");
  command.scratch_bytes = scratch_bytes;
  const RunResult result = Execute(command);
  EXPECT_EQ(result.err, "");
  return result.out;
}

std::string Times(int count, const std::string& line) {
  std::string all;
  for (int i = 0; i < count; ++i) all += line + "\n";
  return all;
}

TEST(Sandbox, LeavesNothingWritable) {
  EXPECT_EQ(Try(R"(
open('/dev/shm/x', 'w')
open('/tmp/oneshot-test', 'w')
open('new', 'w')
open(__file__, 'w')
os.remove(__file__)
os.rename(__file__, 'other')
os.mkdir('directory')
os.symlink('a', 'link')
os.link(__file__, 'hard')
os.mkfifo('fifo')
os.truncate(__file__, 0)
socket.socket(socket.AF_UNIX).bind('socket')
)"),
            Times(12, "EACCES"));
}

TEST(Sandbox, LeavesTheHarmlessDevices) {
  EXPECT_EQ(Try(R"(
open('/dev/null', 'w').write('x')
open('/dev/zero', 'w').write('x')
open('/dev/urandom', 'rb').read(1)
os.memfd_create('x')
socket.socketpair()
os.pipe()
)"),
            Times(6, "done"));
}

TEST(Sandbox, HasNoMemoryFileThatCanBeExecuted) {
  EXPECT_EQ(Try(R"(
os.memfd_create('x', 0x10)
__import__('posix').memfd_create('x')
syscall(319, b'x', 0)
os.chmod(os.memfd_create('x'), 0o700)
os.execv(f"/proc/self/fd/{os.memfd_create('x', 0)}", ['x'])
os.execve(os.memfd_create('x', 0), ['x'], {})
)"),
            "EACCES\nEACCES\nEACCES\nEPERM\nEACCES\nEACCES\n");
}

TEST(Sandbox, DoesNotWaitForTheDisks) {
  EXPECT_EQ(Try(R"(
os.sync()
syscall(306, 0)
os.fsync(os.memfd_create('x'))
)"),
            Times(3, "done"));
}

TEST(Sandbox, AddsNoFiltersOfItsOwn) {
  EXPECT_EQ(Try(R"(
syscall(317, 1, 0, 0)
syscall(157, 22, 2, 0)
syscall(157, 35, 0, 0)
syscall(157, 0x59616d61, -1)
syscall(157, 15, b'name')
)"),
            Times(4, "EPERM") + "done\n");
}

TEST(Sandbox, OpensOnlyScratchSpaceWhenAskedFor) {
  EXPECT_EQ(Try(R"(
open('/dev/shm/oneshot-test', 'w').write('x')
os.remove('/dev/shm/oneshot-test')
open('/tmp/oneshot-test', 'w')
open('new', 'w')
)",
                1 << 20),
            "done\ndone\nEACCES\nEACCES\n");
}

TEST(Sandbox, HasNoNetwork) {
  EXPECT_EQ(Try(R"(
socket.socket(socket.AF_INET)
socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
socket.socket(socket.AF_INET, socket.SOCK_RAW)
socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)
socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
socket.socket(socket.AF_VSOCK)
socket.create_connection(('127.0.0.1', 80))
)"),
            Times(7, "EACCES"));
}

TEST(Sandbox, RefusesWhatTheFilterRefuses) {
  // By number on x86-64: ptrace, process_vm_readv, unshare, setns, mount, keyctl, add_key, bpf,
  // userfaultfd, perf_event_open, io_uring_setup, clone3.
  EXPECT_EQ(Try(R"(
syscall(101, 0, 0, 0, 0)
syscall(310, os.getpid(), 0, 0, 0, 0, 0)
syscall(272, 0x10000000)
syscall(308, 0, 0)
syscall(165, 0, 0, 0, 0, 0)
syscall(250, 0, 0)
syscall(248, 0, 0, 0, 0, 0)
syscall(321, 0, 0, 0)
syscall(323, 0)
syscall(298, 0, 0, 0, 0, 0)
syscall(425, 1, 0)
syscall(435, 0, 0)
)"),
            Times(10, "EPERM") + "ENOSYS\nENOSYS\n");
}

TEST(Sandbox, CannotTouchTheRunner) {
  EXPECT_EQ(Try(R"(
os.kill(os.getppid(), signal.SIGTERM)
os.kill(os.getppid(), 0)
os.pidfd_open(os.getppid())
signal.pidfd_send_signal(os.open(f'/proc/{os.getppid()}', os.O_RDONLY), signal.SIGTERM)
os.sched_setaffinity(os.getppid(), {0})
os.setpriority(os.PRIO_PROCESS, os.getppid(), 19)
__import__('resource').prlimit(os.getppid(), 0, (1, 1))
__import__('fcntl').fcntl(0, 8, os.getppid())
open(f'/proc/{os.getppid()}/mem', 'rb')
open(f'/proc/{os.getppid()}/maps').read()
open(f'/proc/{os.getppid()}/environ').read()
os.listdir(f'/proc/{os.getppid()}/fd')
open(f'/proc/{os.getppid()}/fd/1', 'w')
os.readlink(f'/proc/{os.getppid()}/exe')
open(f'/proc/{os.getppid()}/oom_score_adj', 'w').write('1000')
)"),
            Times(8, "EPERM") + Times(7, "EACCES"));
}

TEST(Sandbox, CannotForgeRecords) {
  const RunResult result = Execute(R"(
import os, glob
forged = b'\n{"type":"finished","run_id":"forged"}\n'
for fd in range(3, 1024):
    try: os.write(fd, forged)
    except OSError: pass
for path in glob.glob('/proc/[0-9]*/fd/*'):
    try:
        if any(os.path.samefile(path, f'/proc/self/fd/{own}') for own in range(3)): continue
        fd = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    except OSError: continue
    if not os.path.realpath(path).startswith('/dev/'): print('opened', path, os.readlink(path))
    os.write(fd, forged)
os.write(1, forged)
)");
  EXPECT_EQ(result.finished.run_id, "01j00000000000000000000000");
  EXPECT_EQ(result.out, "\n{\"type\":\"finished\",\"run_id\":\"forged\"}\n")
      << "what it prints is data, in a record";
  EXPECT_EQ(result.err, "");
}

TEST(Sandbox, CannotReachTheControllersSide) {
  const RunResult result = Execute(R"(
import os
print(sorted(os.listdir('/proc/self/fd'), key=int)[:-1])
print({os.readlink(f'/proc/self/fd/{n}').split(':')[0] for n in range(3)})
print([key for key in os.environ if 'ONESHOT' in key or 'SECRET' in key or key == 'PYTHONPATH'])
print(b'SECRET' in open('/proc/self/environ', 'rb').read())
)");
  EXPECT_EQ(result.out, "['0', '1', '2']\n{'pipe'}\n[]\nFalse\n") << result.err;
}

TEST(Sandbox, CannotRegainPrivileges) {
  const RunResult result = Execute(R"(
status = dict(line.split(':', 1) for line in open('/proc/self/status'))
for key in ('NoNewPrivs', 'Seccomp', 'CapEff', 'CapPrm'): print(key, status[key].strip())
import resource
print(resource.getrlimit(resource.RLIMIT_CORE), resource.getrlimit(resource.RLIMIT_NOFILE))
)");
  EXPECT_EQ(result.out,
            "NoNewPrivs 1\nSeccomp 2\nCapEff 0000000000000000\nCapPrm 0000000000000000\n(0, 0) "
            "(1024, 1024)\n");
}

TEST(Sandbox, BindsChildrenAndThreadsToo) {
  const RunResult result = Execute(R"(
import os, subprocess, sys, threading
attempt = "\ntry: open('/dev/shm/x', 'w'); print('done')\nexcept OSError as e: print(e.strerror, flush=True)\n"
subprocess.run([sys.executable, '-c', attempt])
thread = threading.Thread(target=exec, args=(attempt,)); thread.start(); thread.join()
if os.fork() == 0:
    exec(attempt); os._exit(0)
os.wait()
)");
  EXPECT_EQ(result.out, Times(3, "Permission denied"));
}

TEST(Sandbox, SaysWhyWhatNeedsAFileFails) {
  const RunResult result = Execute("import multiprocessing; multiprocessing.Lock()");
  EXPECT_EQ(result.finished.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("Permission denied"));
}

}  // namespace
}  // namespace oneshot::runner
