# What a program finds when it begins.

# --- case: __main__ and its names
# cold
import __main__, sys
print(sorted(name for name in vars()))
print(__name__, __file__, __doc__, __package__, __spec__, __builtins__ is sys.modules["builtins"], __annotations__)
print(__main__ is sys.modules["__main__"], __main__.__dict__ is globals(), type(__loader__).__name__)
print(__loader__.name, __loader__.path, type(__main__), __cached__)

# --- case: arguments
# cold
# args: ['plain', '', 'two words', '--flag=1', '-x', 'é☃😀', '"quoted"', "it's", 'a\nb', '*', '$HOME', '--']
import sys
print(sys.argv, sys.orig_argv)

# --- case: argparse
# args: ['--count', '3', 'name']
import argparse
parser = argparse.ArgumentParser(description="a program")
parser.add_argument("--count", type=int)
parser.add_argument("what")
print(parser.parse_args())
parser.print_help()

# --- case: argparse exits with 2
# args: ['--count', 'many']
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--count", type=int)
parser.parse_args()

# --- case: sys
# cold
import sys
for name in ("flags", "executable", "prefix", "exec_prefix", "base_prefix", "version_info", "byteorder", "maxsize", "maxunicode",
             "float_info", "int_info", "hash_info", "thread_info", "implementation", "platform", "platlibdir", "pycache_prefix",
             "dont_write_bytecode", "warnoptions", "_xoptions", "abiflags", "api_version", "copyright", "hexversion", "float_repr_style"):
    print(name, getattr(sys, name))
print(sys.getdefaultencoding(), sys.getfilesystemencoding(), sys.getfilesystemencodeerrors(), sys.getswitchinterval())
print(sys.getrecursionlimit(), sys.get_int_max_str_digits(), sys.gettrace(), sys.getprofile(), sys.is_finalizing(), sys.exc_info())
print(sys.displayhook, sys.excepthook is sys.__excepthook__, sys.unraisablehook is sys.__unraisablehook__, sys.breakpointhook is sys.__breakpointhook__)
print(hasattr(sys, "ps1"), hasattr(sys, "last_value"), sys.get_asyncgen_hooks(), sys.get_coroutine_origin_tracking_depth())

# --- case: the module search path after the program's own folder
# cold
import sys
print(sys.path[1:], len(sys.path))
print([getattr(finder, "__name__", finder) for finder in sys.meta_path], len(sys.path_hooks))

# --- case: standard streams
# cold
import sys
for stream in (sys.stdin, sys.stdout, sys.stderr):
    print(stream.name, stream.mode, stream.encoding, stream.errors, stream.newlines, stream.isatty(), stream.fileno(), stream.closed,
          stream.write_through, type(stream).__name__, type(stream.buffer).__name__, type(stream.buffer.raw).__name__, stream.seekable())
print(sys.stdin is sys.__stdin__, sys.stdout is sys.__stdout__, sys.stderr is sys.__stderr__)

# --- case: open descriptors
# cold
# shows nothing
import os
print([name for name in sorted(os.listdir("/proc/self/fd")) if os.path.exists(f"/proc/self/fd/{name}")])
print([os.get_inheritable(descriptor) for descriptor in (0, 1, 2)], os.get_blocking(0), os.get_blocking(1), os.get_blocking(2))

# --- case: the environment
# cold
import os
for name, value in sorted(os.environ.items()):
    print(name, "=", value)
print(os.path.expanduser("~"), os.path.expandvars("$HOME/$PWD"))

# --- case: the process
# cold
import os, signal, threading
print(os.getuid() > 0, os.getuid() == os.geteuid() == os.stat("/proc/self").st_uid, os.getgid(), os.getegid(), os.getgroups(), os.getpgid(0) == os.getpid() == os.getsid(0))
print(oct(os.umask(0o22)), os.nice(0), os.sched_getscheduler(0), len(os.sched_getaffinity(0)) == os.cpu_count())
print(threading.current_thread().name, threading.active_count(), threading.main_thread().name, threading.stack_size())
print(len(os.listdir("/proc/self/task")), os.getppid())

# --- case: signal handlers and masks
import signal
for number in sorted(signal.valid_signals()):
    handler = signal.getsignal(number)
    if handler is not signal.SIG_DFL:
        print(number, getattr(handler, "__name__", handler))
print(signal.pthread_sigmask(signal.SIG_BLOCK, []), signal.sigpending(), signal.getitimer(signal.ITIMER_REAL))

# --- case: resource limits
# cold
import resource
for name in sorted(name for name in dir(resource) if name.startswith("RLIMIT_")):
    if name not in ("RLIMIT_NPROC", "RLIMIT_SIGPENDING", "RLIMIT_MSGQUEUE"):
        print(name, resource.getrlimit(getattr(resource, name)))

# --- case: resource limits lowered
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (10, 10))
opened = []
try:
    while True:
        opened.append(open("/etc/hostname"))
except OSError as error:
    print(len(opened), error)
try:
    resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))
except ValueError as error:
    print(error)

# --- case: memory refused by a limit of its own
import resource
resource.setrlimit(resource.RLIMIT_AS, (400 << 20, 400 << 20))
try:
    bytearray(600 << 20)
except MemoryError as error:
    print("MemoryError", error)

# --- case: modules of the standard library load afresh
# cold
import importlib, sys
for name in sorted(sys.stdlib_module_names):
    # distutils is what setuptools makes of it, and setuptools is nothing a program relies on
    if name in ("distutils", "antigravity", "this", "idlelib", "lib2to3", "turtle", "turtledemo", "tkinter", "_tkinter", "msilib", "ensurepip", "__main__") or name.startswith(("_msi", "nt", "win", "_win", "_overlapped", "_scproxy", "msvcrt")):
        continue
    try:
        module = importlib.import_module(name)
        print(name, getattr(module, "__file__", "built in"))
    except ImportError as error:
        print(name, error)

# --- case: import this
import this

# --- case: gc at the beginning
import gc
print(gc.isenabled(), gc.get_threshold(), gc.get_debug(), gc.garbage, gc.callbacks)
gc.collect()
print(gc.collect())

# --- case: gc finds the program's cycles
import gc
class Node:
    pass
for _ in range(10):
    node = Node()
    node.self = node
del node
print(gc.collect() >= 20, len([thing for thing in gc.get_objects() if isinstance(thing, Node)]))

# --- case: builtins are untouched
# cold
# shows nothing
import builtins
print(sorted(name for name in vars(builtins) if name != "_"))
print(open.__module__, print.__self__, help, copyright)

# --- case: no module has been changed
import atexit, linecache, tracemalloc, warnings, contextvars
print(atexit._ncallbacks() >= 0, sorted(linecache.cache), tracemalloc.is_tracing(), warnings.showwarning.__module__, list(contextvars.copy_context()))

# --- case: what the standard library holds of itself is what is imported
# cold
import enum, sys, types
print(enum.DynamicClassAttribute is types.DynamicClassAttribute, type(sys) is types.ModuleType)

# --- case: locale
import locale
print(locale.getlocale(), locale.setlocale(locale.LC_ALL), locale.getpreferredencoding(), locale.localeconv())
print(locale.setlocale(locale.LC_ALL, ""), locale.format_string("%d", 1234567, grouping=True))
try:
    locale.setlocale(locale.LC_ALL, "de_DE.UTF-8")
except locale.Error as error:
    print(error)

# --- case: time zone
import time, datetime
print(time.tzname, time.timezone, time.daylight, time.localtime(0), time.strftime("%c %Z", time.gmtime(10**9)))
print(datetime.datetime.fromtimestamp(10**9), datetime.datetime.fromtimestamp(10**9).astimezone().tzinfo)

# --- case: platform
import platform, sysconfig
print(platform.python_version(), platform.python_implementation(), platform.machine(), platform.libc_ver())
print(sysconfig.get_platform(), sysconfig.get_path("stdlib"), sysconfig.get_path("purelib"), sysconfig.get_python_version())

# --- case: site
import site, sys
print(site.getsitepackages(), site.getusersitepackages(), site.ENABLE_USER_SITE, "usercustomize" in sys.modules)

# --- case: installed distributions
import importlib.metadata
print({name: importlib.metadata.version(name) for name in ("numpy", "pandas", "scipy", "matplotlib")})
try:
    importlib.metadata.version("nothing-of-that-name")
except importlib.metadata.PackageNotFoundError as error:
    print(error)

# --- case: the program's own source
# cold
import inspect, linecache, sys
def function(a, b=2, *c, d, **e):
    """Its text."""  # with a comment
    return a
class Thing:
    def method(self): return 1
print(inspect.getsource(function), inspect.getsource(Thing.method), inspect.getsourcelines(Thing)[1], inspect.getdoc(function))
print(inspect.getfile(Thing), inspect.getsourcefile(function), inspect.getmodule(function), inspect.signature(function))
print(open(__file__).read() == inspect.getsource(sys.modules["__main__"]), linecache.getline(__file__, 3))

# --- case: importing main again
import importlib, sys
print("as", __name__)
if __name__ == "__main__":
    import main
    print(main.__file__.endswith("/main.py"), main is sys.modules["__main__"], sorted(name for name in vars(main) if not name.startswith("_")))

# --- case: runpy on itself
import runpy
print("run as", __name__)
if __name__ == "__main__":
    found = runpy.run_path(__file__, run_name="other")
    print(found["__name__"], found["__file__"])

# --- case: __future__ annotations
# each text: ["from __future__ import annotations"]
{{text}}
def f(a: Nothing) -> [1, 2]: ...
value: unknown
print(f.__annotations__, __annotations__)

# --- case: an encoding declaration and a docstring
# -*- coding: utf-8 -*-
"""The docstring, naïve."""
print(__doc__)

# --- case: a shebang line
#!/usr/bin/env python3
print("ran")

# --- case: nothing
pass

# --- case: only a comment
# nothing else
