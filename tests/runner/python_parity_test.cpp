// A program behaves as under `python3 main.py`: every program here is run both ways, and output,
// errors (tracebacks to the letter) and exit code must be the same.

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>

#include "tests/runner/runner_process.h"

namespace oneshot::runner {
namespace {

struct Case {
  const char* name;
  const char* source;
  const char* stdin_data = "";
  std::vector<std::string> args = {};
};

void PrintTo(const Case& test_case, std::ostream* stream) { *stream << test_case.name; }

const Case kCases[] = {
    {"TheEnd", R"(
import atexit, os, sys
class Last:
    def __init__(self, name): self.name = name
    def __del__(self, write=os.write): write(1, self.name.encode() + b'\n')
atexit.register(print, 'atexit', flush=True)
a_global = Last('global')
in_a_cycle = Last('cycle'); in_a_cycle.itself = in_a_cycle; del in_a_cycle
sys.attribute = Last('sys')
print('end', flush=True)
)"},
    {"Nothing", ""},
    {"Print", "print('hello')"},
    {"Arguments", "import sys; print(sys.argv)", "", {"a", "b c", "", "ä"}},
    {"Names",
     "print(__name__, __file__, __spec__, __package__, __doc__, __builtins__, "
     "__loader__.__class__)"},
    {"Globals", "print(sorted(globals()))"},
    {"Docstring", "'''About this.'''\nprint(__doc__)"},
    {"Annotations", "x: int = 1\nprint(__annotations__)"},
    {"SysPath", "import sys; print(sys.path)"},
    {"SysFlags",
     "import sys; print(sys.flags, sys.orig_argv, sys.executable, sys.warnoptions, sys._xoptions)"},
    {"Directory", "import os; print(os.getcwd(), sorted(os.environ.items()))"},
    {"Encodings",
     "import sys; print([(s.encoding, s.errors) for s in (sys.stdin, sys.stdout, sys.stderr)])"},
    {"Undecodable", "import sys; x = input(); print(ascii(x)); print(x)", "a\xff\n"},
    {"Input", "print([input() for _ in range(2)]); input()", "one\ntwo\n"},
    {"InputPrompt", "print(input('your name? '))", "me\n"},
    {"ReadLines", "import sys; print([line for line in sys.stdin])", "a\n\nb"},
    {"ExitNone", "import sys; sys.exit()"},
    {"ExitText", "import sys; sys.exit('went wrong')"},
    {"ExitLarge", "import sys; sys.exit(1234)"},
    {"ExitNegative", "raise SystemExit(-1)"},
    {"ExitObject", "raise SystemExit([1, 2])"},
    {"ExitBuiltin", "exit(3)"},
    {"KeyboardInterrupt", "raise KeyboardInterrupt"},
    {"Exception", "def f(x):\n    return 1 / x\n\nf(0)\n"},
    {"ExceptionChain",
     "try:\n    {}['a']\nexcept KeyError as e:\n    raise ValueError('b') from e"},
    {"ExceptionContext", "try:\n    {}['a']\nexcept KeyError:\n    undefined_name"},
    {"ExceptionGroup", "raise ExceptionGroup('many', [ValueError(1), TypeError(2)])"},
    {"ExceptionNotes", "e = ValueError('x'); e.add_note('and more'); raise e"},
    {"ExceptionUnicode", "raise ValueError('\xC3\xA4\xE2\x82\xAC\\udc80')"},
    {"ExceptionInLibrary", "import json; json.loads('{')"},
    {"ExceptionMultiline", "x = [\n  1,\n  1 /\n  0,\n]"},
    {"SyntaxErrorOutright", "print('a'\nx = 1\n"},
    {"SyntaxErrorUnicode", "x = '\xC3\xA4\xE2\x82\xAC' y"},
    {"SyntaxErrorInEval", "eval('1 +')"},
    {"IndentationError", "if True:\nprint(1)"},
    {"TabError", "if True:\n\tx = 1\n        y = 2\n"},
    {"NulByte", "x = 1\n\\\n"},
    {"InvalidUtf8", "x = '\xFF'"},
    {"CodingCookie", "# -*- coding: latin-1 -*-\nprint(ascii('\xE4'))"},
    {"Recursion", "def f(): f()\nf()"},
    {"DeepRecursion",
     "import sys\nsys.setrecursionlimit(20000)\ndef f(n): return n and f(n - 1)\nprint(f(15000))"},
    {"Warning", "import warnings\nwarnings.warn('careful')\nx = 1\nassert (x, 'always true')"},
    {"PrintStack", "import traceback\ndef f(): traceback.print_stack()\nf()"},
    {"Frames",
     "import sys, inspect\nprint(sys._getframe().f_back, len(inspect.stack()), "
     "inspect.stack()[0].filename)"},
    {"GetSource", "import inspect\ndef f():\n    return 1  # here\nprint(inspect.getsource(f))"},
    {"OpenFile", "print(open(__file__).read())"},
    {"Logging",
     "import logging\nlogging.warning('w')\ntry: 1/0\nexcept Exception: logging.exception('e')"},
    {"ExceptHook", "import sys\nsys.excepthook = lambda *a: print('hook', a[1])\n1/0"},
    {"ThreadException",
     "import threading\ndef f(): 1/0\nt = threading.Thread(target=f); t.start(); t.join()"},
    {"ThreadAtExit",
     "import threading, time\ndef f(): time.sleep(.05); print('thread "
     "done')\nthreading.Thread(target=f).start()\nprint('main done')"},
    {"AtExit", "import atexit\natexit.register(print, 1); atexit.register(print, 2)\nprint(0)"},
    {"AtExitError", "import atexit\n@atexit.register\ndef f(): 1/0"},
    {"DelAtExit", "class A:\n    def __del__(self): print('del', __name__)\na = A()"},
    {"DelCycleAtExit", "class A:\n    def __del__(self): print('del')\na = A(); a.a = a"},
    {"DelError", "class A:\n    def __del__(self): 1/0\nA()"},
    {"Finalizer",
     "import weakref\nclass A: pass\na = A(); weakref.finalize(a, print, 'finalized')"},
    {"Pickle",
     "import pickle\nclass A:\n    def __init__(s): s.x = 1\nb = pickle.loads(pickle.dumps(A())); "
     "print(b.x, type(b))"},
    {"Dataclass",
     "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: 'int' = 1\nprint(P(), "
     "P.__module__)"},
    {"TypingHints",
     "from __future__ import annotations\nimport typing\nclass A:\n    x: "
     "'A'\nprint(typing.get_type_hints(A))"},
    {"Asyncio",
     "import asyncio\nasync def main():\n    r = await asyncio.gather(*[asyncio.sleep(.01, i) for "
     "i in range(3)]); print(r)\nasyncio.run(main())"},
    {"AsyncioSubprocess",
     "import asyncio\nasync def main():\n    p = await asyncio.create_subprocess_exec('echo', "
     "'hi', stdout=-1); print(await p.communicate())\nasyncio.run(main())"},
    {"Subprocess",
     "import subprocess, sys\nprint(subprocess.run([sys.executable, '-c', 'import sys; "
     "print(sys.path, sys.argv, sys.stdout.line_buffering)'], capture_output=True, text=True, "
     "close_fds=False))"},
    {"Executor",
     "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(4) as e: "
     "print(list(e.map(abs, [-1, -2])))"},
    {"ForkProcess",
     "import multiprocessing as m\ndef f(q): q.send(6)\nif __name__ == '__main__':\n    "
     "m.set_start_method('fork')\n    a, b = m.Pipe(); p = m.Process(target=f, args=(b,)); "
     "p.start(); print(a.recv()); p.join(); print(p.exitcode)"},
    {"SpawnProcess",
     "import multiprocessing as m\ndef f(q): q.send(__name__)\nif __name__ == '__main__':\n    "
     "m.set_start_method('spawn')\n    a, b = m.Pipe(); p = m.Process(target=f, args=(b,)); "
     "p.start(); print(a.recv()); p.join(); print(p.exitcode)"},
    {"ForkServerPipe",
     "import os\nr, w = os.pipe()\nif os.fork() == 0:\n    os.write(w, b'child'); "
     "os._exit(0)\nprint(os.read(r, 9)); print(os.wait()[1])"},
    {"ForkExit",
     "import os, sys\nif os.fork() == 0:\n    print('child'); "
     "sys.exit(3)\nprint(os.WEXITSTATUS(os.wait()[1]))"},
    {"Signals",
     "import signal\nsignal.signal(signal.SIGALRM, lambda *a: "
     "print('alarm'))\nsignal.setitimer(signal.ITIMER_REAL, .01); "
     "signal.pause()\nprint([signal.getsignal(s) for s in (signal.SIGINT, signal.SIGPIPE, "
     "signal.SIGTERM)], signal.pthread_sigmask(0, []))"},
    {"FileDescriptors", "import os\nprint(sorted(os.listdir('/proc/self/fd'))[:-1])"},
    {"ClosedStdout", "import sys\nsys.stdout.close()"},
    {"FlushErrorAtExit", "import os, sys\nsys.stdout.write('x'); os.close(1)"},
    {"BrokenPipe", "import os\nr, w = os.pipe(); os.close(r)\nos.write(w, b'x')"},
    {"DevNull", "print('x', file=open('/dev/null', 'w')); print(open('/dev/zero', 'rb').read(3))"},
    {"DevStdout",
     "print('x', file=open('/dev/stdout', 'w')); print('y', file=open('/dev/stderr', 'w'))"},
    {"Limits", "import resource; print(resource.getrlimit(resource.RLIMIT_STACK)[0])"},
    {"CtypesAfterUs",
     "import ctypes, struct; print(ctypes.CDLL(None).getpid() > 0, struct.pack('<i', 1))"},
    {"GarbageCollector", "import gc; print(gc.isenabled(), gc.get_threshold(), gc.get_debug())"},
    {"Scheduling", "import os; print(os.sched_getscheduler(0), os.nice(0))"},
    {"ImportMain", "import __main__; print(__main__.__file__)"},
    {"RunPyModule", "import runpy; print(runpy.run_module('this', run_name='x')['__name__'][:0])"},
    {"FaultHandler", "import faulthandler, os\nfaulthandler.enable()\nos.abort()"},
    {"RandomSeeded", "import random; random.seed(1); print(random.random())"},
    {"Locale",
     "import locale, time; print(locale.getlocale(), locale.setlocale(locale.LC_CTYPE), "
     "time.tzname)"},
    {"SysModules",
     "import sys; print(sys.modules['__main__'] "
     "is __import__('__main__'))"},
};

struct Outcome {
  std::string out;
  std::string err;
  int status;
};

/// `python3 main.py` as a shell would run it, in the directory and environment the runner gives.
Outcome RunLocally(const std::string& directory, const Case& test_case) {
  std::array<int, 2> in{}, out{}, err{};
  if (pipe(in.data()) != 0 || pipe(out.data()) != 0 || pipe(err.data()) != 0) abort();
  // As in a pod, where the runner that makes the pipes and the program are one user.
  if (geteuid() == 0 &&
      (fchown(out[1], kPodUser, kPodUser) != 0 || fchown(err[1], kPodUser, kPodUser) != 0))
    abort();
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(in[0], 0);
    dup2(out[1], 1);
    dup2(err[1], 2);
    close_range(3, ~0U, 0);
    setsid();
    DropPrivileges();
    if (chdir(directory.c_str()) != 0) _exit(99);
    const std::string python = PythonUnderTest();
    std::vector<std::string> arguments = {"python3", "main.py"};
    arguments.insert(arguments.end(), test_case.args.begin(), test_case.args.end());
    std::vector<std::string> environment = {"PATH=/usr/local/bin:/usr/bin:/bin",
                                            "LANG=C.UTF-8",
                                            "MPLBACKEND=agg",
                                            "OPENBLAS_NUM_THREADS=1",
                                            "OMP_NUM_THREADS=1",
                                            "MKL_NUM_THREADS=1",
                                            "NUMEXPR_NUM_THREADS=1",
                                            "HOME=" + directory,
                                            "PWD=" + directory};
    std::vector<char*> argv, envp;
    for (auto& text : arguments) argv.push_back(text.data());
    for (auto& text : environment) envp.push_back(text.data());
    argv.push_back(nullptr);
    envp.push_back(nullptr);
    argv[0] = const_cast<char*>(python.c_str());
    execve(python.c_str(), argv.data(), envp.data());
    _exit(98);
  }
  for (const int fd : {in[0], out[1], err[1]}) close(fd);
  const std::string_view text = test_case.stdin_data;
  EXPECT_EQ(write(in[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  close(in[1]);

  Outcome outcome{};
  std::array<pollfd, 2> open = {pollfd{out[0], POLLIN, 0}, pollfd{err[0], POLLIN, 0}};
  for (int left = 2; left > 0;) {
    poll(open.data(), open.size(), -1);
    for (pollfd& stream : open) {
      if (stream.fd < 0 || stream.revents == 0) continue;
      std::array<char, 4096> buffer;
      const ssize_t got = read(stream.fd, buffer.data(), buffer.size());
      if (got > 0) {
        (&stream == &open[0] ? outcome.out : outcome.err)
            .append(buffer.data(), static_cast<std::size_t>(got));
      } else {
        stream.fd = -1;
        --left;
      }
    }
  }
  close(out[0]);
  close(err[0]);
  waitpid(pid, &outcome.status, 0);
  return outcome;
}

/// Replaces what must differ: addresses; the list of extension modules, which tells what was
/// preloaded.
std::string Masked(std::string text) {
  for (auto at = text.find("0x"); at != std::string::npos; at = text.find("0x", at + 1)) {
    auto end = at + 2;
    while (end < text.size() && isxdigit(static_cast<unsigned char>(text[end])) != 0) ++end;
    text.replace(at, end - at, "0x");
  }
  const auto extensions = text.find("\nExtension modules:");
  return extensions == std::string::npos ? text : text.substr(0, extensions);
}

class PythonParity : public testing::TestWithParam<Case> {};

void ExpectParity(const Case& program, Setup setup) {
  RunnerProcess runner(std::move(setup));
  runner.WaitFor<protocol::Ready>();
  protocol::RunCommand command = Program(program.source);
  command.stdin_data = program.stdin_data;
  command.args = program.args;
  runner.Send(command);
  const RunResult got = runner.Finish();
  const Outcome want =
      RunLocally(runner.CodeDirectory(), program);  // the runner left main.py there

  EXPECT_EQ(Masked(got.out), Masked(want.out));
  EXPECT_EQ(Masked(got.err), Masked(want.err));
  if (WIFEXITED(want.status)) {
    EXPECT_EQ(got.finished.exit_code, WEXITSTATUS(want.status));
  } else {
    EXPECT_EQ(got.finished.signal, WTERMSIG(want.status));
  }
  EXPECT_EQ(got.complaints, "");
}

TEST_P(PythonParity, HoldsForThisProgram) {
  const char* preload = std::getenv("ONESHOT_TEST_PRELOAD");
  ExpectParity(GetParam(), {.preload = preload != nullptr ? preload : ""});
}

TEST(PythonParityOfASnapshot, HoldsForEveryProgram) {
  const Snapshot snapshot("asyncio,decimal,json,multiprocessing.pool,random,ssl,uuid");
  for (const Case& program : kCases) {
    SCOPED_TRACE(program.name);
    ExpectParity(program, {.snapshot = &snapshot});
  }
}

INSTANTIATE_TEST_SUITE_P(Programs, PythonParity, testing::ValuesIn(kCases),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace oneshot::runner
