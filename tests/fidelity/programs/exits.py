# --- case: sys.exit
# cold
# each value: ['0', '1', '3', '127', '255', '256', '257', '-1', 'True', 'None', "'text'", "'two\\nlines'", "'é ☃ \\U0001f600'", "'\\udcff'", "b'bytes'", '(1, 2)', '1.5', 'object', '2**40', '2**100']
import sys
print("before")
sys.exit({{value}})

# --- case: sys.exit without a value
import sys
sys.exit()

# --- case: raise SystemExit
# each value: ["SystemExit", "SystemExit()", "SystemExit(7)", "SystemExit('why', 2)", "SystemExit(SystemExit(3))"]
raise {{value}}

# --- case: exit and quit
quit(5)

# --- case: os._exit after a flush
# each value: [0, 77, 256]
import atexit, os, sys
atexit.register(print, "never")
print("written", flush=True)
print("to stderr", file=sys.stderr)
os._exit({{value}})

# --- case: a subclass of SystemExit with its own code
class Leave(SystemExit):
    def __init__(self):
        super().__init__()
        self.code = 9
raise Leave

# --- case: SystemExit caught and its code
try:
    raise SystemExit(4)
except SystemExit as leaving:
    print(leaving.code, repr(leaving), leaving.args)
try:
    exit("m")
except BaseException as leaving:
    print(type(leaving), leaving.code)

# --- case: finally blocks and with blocks run at sys.exit
import contextlib, sys
@contextlib.contextmanager
def telling():
    try:
        yield
    finally:
        print("left")
try:
    with telling():
        sys.exit(3)
finally:
    print("finally")

# --- case: an exception while handling SystemExit
import sys
try:
    sys.exit(3)
finally:
    1 / 0

# --- case: atexit order, arguments and errors
# cold
import atexit
def tell(*values, **names):
    print("at exit", values, names)
atexit.register(tell, 1)
@atexit.register
def broken():
    raise ValueError("in atexit")
atexit.register(tell, 2, key="word")
atexit.register(tell, 3)
atexit.unregister(print)
print("end of main")

# --- case: atexit after an uncaught exception
# cold
import atexit, sys
atexit.register(lambda: print("last words", sys.exc_info(), hasattr(sys, "last_type")))
raise KeyError("uncaught")

# --- case: sys.exit inside atexit
import atexit, sys
atexit.register(print, "registered first, runs last")
atexit.register(sys.exit, 9)
print("main")

# --- case: registering in atexit
import atexit
def again(depth):
    print("depth", depth)
    if depth:
        atexit.register(again, depth - 1)
atexit.register(again, 3)

# --- case: stdout closed by the program
# cold
import sys
print("seen")
sys.stdout.close()

# --- case: stdout broken at exit gives 120
import os, sys
sys.stdout.write("never seen, still in the buffer")
os.close(1)

# --- case: stderr closed by the program
import sys
sys.stderr.close()
1 / 0

# --- case: stderr set to None
import sys
sys.stderr = None
1 / 0

# --- case: stdout set to None
import sys
sys.stdout = None
print("nowhere")
sys.exit(3)

# --- case: KeyboardInterrupt
def inner():
    raise KeyboardInterrupt
inner()

# --- case: KeyboardInterrupt with a message
raise KeyboardInterrupt("stop")

# --- case: a real SIGINT
import os, signal
os.kill(os.getpid(), signal.SIGINT)
print("never")

# --- case: SIGINT caught
import os, signal
try:
    os.kill(os.getpid(), signal.SIGINT)
    print("never")
except KeyboardInterrupt:
    print("caught")

# --- case: ended by a signal
# each value: ["SIGTERM", "SIGKILL", "SIGABRT", "SIGSEGV", "SIGHUP", "SIGALRM", "SIGPIPE"]
import os, signal
print("before", flush=True)
number = getattr(signal, "{{value}}")
if number != signal.SIGKILL:
    signal.signal(number, signal.SIG_DFL)
os.kill(os.getpid(), number)
print("after")

# --- case: os.abort
import os, sys
print("going", flush=True)
os.abort()

# --- case: __del__ at exit
# cold
class Noisy:
    def __init__(self, name):
        self.name = name
    def __del__(self):
        print("deleted", self.name)
first = Noisy("global")
cycle = Noisy("in a cycle")
cycle.self = cycle
held = [Noisy("in a list")]
def keeper(default=Noisy("a default value")):
    pass
print("end of main")

# --- case: __del__ at exit that fails
class Broken:
    def __del__(self):
        raise RuntimeError("in __del__")
kept = Broken()
print("end of main")

# --- case: what a finaliser sees of the modules at exit
import sys, os, json
class Late:
    def __del__(self):
        print(sys is not None, os is not None, json is not None, sys.is_finalizing())
late = Late()

# --- case: a finaliser of weakref at exit
import weakref
class Thing:
    pass
thing = Thing()
weakref.finalize(thing, print, "finalised")
other = Thing()
stays = weakref.finalize(other, print, "not at exit")
stays.atexit = False

# --- case: a generator that is suspended at exit
def generator():
    try:
        yield 1
    finally:
        print("closed")
running = generator()
next(running)

# --- case: an unclosed file at exit under default warnings
opened = open("/etc/hostname")
del opened
print("nothing said")

# --- case: sys.excepthook
import sys
def hook(kind, value, trace):
    print("hook:", kind.__name__, value, trace.tb_lineno)
sys.excepthook = hook
raise ValueError("to the hook")

# --- case: sys.excepthook that fails itself
import sys
def hook(kind, value, trace):
    raise TypeError("the hook is broken")
sys.excepthook = hook
raise ValueError("the original")

# --- case: sys.excepthook deleted
import sys
del sys.excepthook
raise ValueError("no hook")

# --- case: sys.unraisablehook
import sys
sys.unraisablehook = lambda told: print("unraisable:", told.exc_type.__name__, told.exc_value, told.err_msg)
class Broken:
    def __del__(self):
        raise ValueError("in __del__")
Broken()
print("goes on")

# --- case: no frame of anybody else below the program
# cold
import sys, traceback
frame = sys._getframe()
print(frame.f_back, frame.f_code.co_name, frame.f_code.co_filename, frame.f_lineno)
print(len(traceback.extract_stack()))

# --- case: exit code after a thread's failure
import threading
def fail():
    raise RuntimeError("in the thread")
thread = threading.Thread(target=fail, name="worker")
thread.start()
thread.join()
print("main ends well")
