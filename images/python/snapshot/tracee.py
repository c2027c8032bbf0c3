"""A child under ptrace: started, stopped, asked, and told to make a system call.

Needs ptrace of its own child only, which every user and every container runtime's default allows. x86-64 Linux.
"""

import ctypes
import fcntl
import os
import pathlib
import resource
import signal
import struct
from collections.abc import Mapping, Sequence

PTRACE_TRACEME, PTRACE_CONT, PTRACE_SINGLESTEP, PTRACE_GETREGS, PTRACE_SETREGS, PTRACE_GETFPREGS = 0, 7, 9, 12, 13, 14
PTRACE_SYSCALL, PTRACE_SETOPTIONS = 24, 0x4200
PTRACE_O_TRACESYSGOOD, PTRACE_O_EXITKILL = 1, 1 << 20
SYSTEM_CALL_STOP = signal.SIGTRAP | 0x80
ADDR_NO_RANDOMIZE, AT_IGNORE, AT_SYSINFO_EHDR = 0x0040000, 1, 33
SYS_RT_SIGACTION, SYS_SET_TID_ADDRESS, SYS_GET_ROBUST_LIST = 13, 218, 274
SYSCALL_INSTRUCTION = b"\x0f\x05"
WORD = struct.Struct("<Q")

# struct user_regs_struct of <sys/user.h>
REGISTERS = (
    "r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss fs_base gs_base ds es fs gs".split()
)
STACK_BYTES = 8 << 20

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = libc.syscall.restype = ctypes.c_long


class TakeError(Exception):
    """Why no snapshot can be taken, in words."""


def ptrace(request: int, pid: int, address: int | None = None, data: int | None = None) -> None:
    if libc.ptrace(request, pid, address, data) == -1:
        raise TakeError(f"ptrace {request}: {os.strerror(ctypes.get_errno())}")


class Tracee:
    """`command`, stopped before its first instruction; stdin, stdout and stderr as a run's: pipes, and 3 for complaints."""

    def __init__(self, executable: str, command: Sequence[str], environment: Mapping[str, str], directory: str):
        unread, self.stdin = os.pipe()
        self.output, unwritten = os.pipe()
        self.has_ended = False
        self.pid = os.fork()
        if self.pid == 0:
            try:
                self._become(executable, command, environment, directory, unread, unwritten)
            finally:
                os._exit(127)
        os.close(unread)
        os.close(unwritten)
        self.wait_for(signal.SIGTRAP)
        ptrace(PTRACE_SETOPTIONS, self.pid, None, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)
        # What glibc takes for the size of the stacks of threads.
        resource.prlimit(self.pid, resource.RLIMIT_STACK, (STACK_BYTES, resource.RLIM_INFINITY))
        self.memory = os.open(f"/proc/{self.pid}/mem", os.O_RDWR)

    @staticmethod
    def _become(
        executable: str, command: Sequence[str], environment: Mapping[str, str], directory: str, stdin: int, output: int
    ) -> None:
        """The child's side. With no limit of its stack, the kernel maps from a third of the address space upwards, where no other
        process has anything; without randomization each time at the same addresses."""
        resource.setrlimit(resource.RLIMIT_STACK, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        libc.personality(ctypes.c_ulong(ADDR_NO_RANDOMIZE))
        os.chdir(directory)
        # What the build ignores or blocks (nohup, a shell's background job) would be ignored by every restored Python.
        for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        # Upwards first, because the pipes may have the numbers that are filled here.
        for target, source in enumerate([fcntl.fcntl(each, fcntl.F_DUPFD, 64) for each in (stdin, output, output, 2)]):
            os.dup2(source, target)
        os.closerange(4, 1 << 16)
        ptrace(PTRACE_TRACEME, 0)
        os.execve(executable, list(command), dict(environment))

    def wait_for(self, wanted: int) -> None:
        """Lets signals through until it stops with `wanted`."""
        while True:
            _, status = os.waitpid(self.pid, 0)
            if not os.WIFSTOPPED(status):
                self.has_ended = True
                raise TakeError(f"the interpreter ended before it stopped, status {status:#x}")
            if (stopped_by := os.WSTOPSIG(status)) == wanted:
                return
            ptrace(PTRACE_CONT, self.pid, None, 0 if stopped_by == signal.SIGTRAP else stopped_by)

    def kill(self) -> None:
        if not self.has_ended:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)

    def registers(self) -> dict[str, int]:
        words = (ctypes.c_uint64 * len(REGISTERS))()
        ptrace(PTRACE_GETREGS, self.pid, None, ctypes.addressof(words))
        return dict(zip(REGISTERS, words, strict=True))

    def set_registers(self, registers: Mapping[str, int]) -> None:
        words = (ctypes.c_uint64 * len(REGISTERS))(*(registers[name] for name in REGISTERS))
        ptrace(PTRACE_SETREGS, self.pid, None, ctypes.addressof(words))

    def read(self, address: int, count: int) -> bytes:
        data = b""
        while len(data) < count:
            piece = os.pread(self.memory, count - len(data), address + len(data))
            if not piece:
                raise TakeError(f"no memory at {address + len(data):#x}")
            data += piece
        return data

    def word(self, address: int) -> int:
        return WORD.unpack(self.read(address, WORD.size))[0]

    def hide_vdso(self) -> None:
        """Before its first instruction: glibc then finds no vDSO, and leaves no trace of where it was. restore.cpp puts the new one in."""
        at = self.registers()["rsp"]
        at += WORD.size * (self.word(at) + 2)  # argc, argv
        while self.word(at):
            at += WORD.size
        at += WORD.size
        while (kind := self.word(at)) != 0:
            if kind == AT_SYSINFO_EHDR:
                os.pwrite(self.memory, WORD.pack(AT_IGNORE), at)
                return
            at += 2 * WORD.size

    def run_until_call(self, number: int) -> int:
        """Until it makes that system call; its first argument."""
        while True:
            ptrace(PTRACE_SYSCALL, self.pid)
            self.wait_for(SYSTEM_CALL_STOP)
            registers = self.registers()
            if registers["orig_rax"] == number:
                return registers["rdi"]

    def run_until_it_stops_itself(self) -> None:
        ptrace(PTRACE_CONT, self.pid)
        self.wait_for(signal.SIGSTOP)

    def call(self, number: int, *arguments: int) -> int:
        """Makes it do a system call, by the instruction behind which it has stopped."""
        before = self.registers()
        for_call = before | {"rax": number, "orig_rax": (1 << 64) - 1, "rip": before["rip"] - len(SYSCALL_INSTRUCTION)}
        self.set_registers(for_call | dict(zip(("rdi", "rsi", "rdx", "r10"), arguments, strict=False)))
        ptrace(PTRACE_SINGLESTEP, self.pid)
        self.wait_for(signal.SIGTRAP)
        result = self.registers()["rax"]
        self.set_registers(before)
        return result

    def signal_actions(self) -> list[tuple[int, int, int, int, int]]:
        """(number, handler, flags, restorer, mask) of each signal that is not at its default. The kernel tells only the process itself."""
        status = self.status()
        changed = int(status["SigCgt"], 16) | int(status["SigIgn"], 16)
        below_stack = (self.registers()["rsp"] - 4096) & ~15
        size = 4 * WORD.size
        before = self.read(below_stack, size)
        actions = []
        for number in range(1, 65):
            if changed >> (number - 1) & 1:
                if self.call(SYS_RT_SIGACTION, number, 0, below_stack, 8) != 0:
                    raise TakeError(f"no action of signal {number}")
                actions.append((number, *struct.unpack("<4Q", self.read(below_stack, size))))
        os.pwrite(self.memory, before, below_stack)
        return actions

    def robust_list(self) -> tuple[int, int]:
        address, size = ctypes.c_uint64(), ctypes.c_uint64()
        if libc.syscall(SYS_GET_ROBUST_LIST, self.pid, ctypes.byref(address), ctypes.byref(size)) != 0:
            raise TakeError("no robust list")
        return address.value, size.value

    def status(self) -> dict[str, str]:
        lines = pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return dict(line.split(":\t", 1) for line in lines if ":\t" in line)

    def require_plain_state(self, thread_id_address: int) -> None:
        """What restore.cpp takes for granted."""
        registers = self.registers()
        if len(os.listdir(f"/proc/{self.pid}/task")) != 1:
            raise TakeError("a preloaded module started a thread")
        descriptors = {int(name) for name in os.listdir(f"/proc/{self.pid}/fd")}
        if extra := sorted(descriptors - {0, 1, 2, 3}):
            names = [os.readlink(f"/proc/{self.pid}/fd/{number}") for number in extra]
            raise TakeError(f"a preloaded module left files open: {names}")
        if self.read(registers["rip"] - 2, 2) != SYSCALL_INSTRUCTION or registers["rax"] != 0:
            raise TakeError("the interpreter did not stop behind a system call")
        if registers["gs_base"] != 0:
            raise TakeError("the interpreter uses the gs register")
        floating_point = ctypes.create_string_buffer(512)  # struct user_fpregs_struct
        ptrace(PTRACE_GETFPREGS, self.pid, None, ctypes.addressof(floating_point))
        control_word, mxcsr = struct.unpack_from("<H", floating_point, 0)[0], struct.unpack_from("<I", floating_point, 24)[0]
        if control_word != 0x37F or mxcsr & ~0x3F != 0x1F80:
            raise TakeError("a preloaded module changed how floating point numbers are rounded")
        if struct.unpack("<I", self.read(thread_id_address, 4))[0] != self.pid:
            raise TakeError("glibc's thread id is not where set_tid_address said")

    def said(self) -> str:
        """What it has written to stdout and stderr so far."""
        os.set_blocking(self.output, False)
        try:
            return os.read(self.output, 1 << 16).decode(errors="replace")
        except BlockingIOError:
            return ""
