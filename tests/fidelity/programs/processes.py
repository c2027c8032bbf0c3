# Processes, signals, files.

# --- case: fork and wait
# cold
import os
child = os.fork()
if child == 0:
    os.write(1, b"child\n")
    os._exit(7)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))

# --- case: fork and both run to their end
import atexit, os, sys
atexit.register(lambda: print("at exit of", who, flush=True))
child = os.fork()
who = "parent" if child else "child"
if child:
    os.waitpid(child, 0)
sys.exit(0 if child else 3)

# --- case: a pipe between processes
import os
read_end, write_end = os.pipe()
if os.fork() == 0:
    os.close(read_end)
    os.write(write_end, b"through the pipe")
    os._exit(0)
os.close(write_end)
print(os.read(read_end, 100), os.read(read_end, 100), os.wait()[1])

# --- case: a child ended by a signal
import os, signal, time
child = os.fork()
if child == 0:
    signal.pause()
os.kill(child, signal.SIGKILL)
status = os.waitpid(child, 0)[1]
print(os.WIFSIGNALED(status), os.WTERMSIG(status), os.waitstatus_to_exitcode(status))

# --- case: a traceback in a forked child
import os, sys
if os.fork() == 0:
    raise ValueError("in the child")
status = os.wait()[1]
print("child ended with", os.waitstatus_to_exitcode(status))

# --- case: subprocess of Python
import subprocess, sys
done = subprocess.run([sys.executable, "-c", "import sys; print(sys.argv, sys.path[0] == ''); sys.stderr.write('e'); sys.exit(4)", "x"], capture_output=True, text=True)
print(done.returncode, done.stdout, done.stderr, sys.executable)

# --- case: a child Python is an ordinary one
# cold
import subprocess, sys
code = "import sys, os; print('numpy' in sys.modules, sys.flags, sorted(os.environ), [m for m in sys.modules if 'custom' in m])"
print(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True))
print(subprocess.run([sys.executable, "-I", "-S", "-c", "import sys; print(len(sys.path))"], capture_output=True, text=True).stdout)

# --- case: the program run again by a child
import subprocess, sys
if len(sys.argv) > 1:
    print("again", sys.argv, __name__)
    sys.exit(6)
print(subprocess.run([sys.executable, __file__, "child"], capture_output=True, text=True).stdout, flush=True)
subprocess.run([sys.executable, *sys.argv, "inherits"])

# --- case: exec replaces the program
import os, sys
if len(sys.argv) == 1:
    print("first", flush=True)
    os.execv(sys.executable, [sys.executable, __file__, "second"])
print(sys.argv[1:], "after exec")
1 / 0

# --- case: a shell
import os, subprocess
print(subprocess.getstatusoutput("echo out; echo err >&2; exit 3"))
print(subprocess.check_output(["sh", "-c", "cat | tr a-z A-Z"], input=b"shout"))
print(os.system("exit 5") >> 8, os.popen("echo popened").read(), flush=True)
subprocess.run("echo inherited; exit 2", shell=True, check=True)

# --- case: a program that is not there
import subprocess
subprocess.run(["no-such-program"])

# --- case: subprocess with a time limit
import subprocess
try:
    subprocess.run(["sleep", "30"], timeout=0.2)
except subprocess.TimeoutExpired as error:
    print(error.cmd, error.output)

# --- case: processes left behind
import subprocess
subprocess.Popen(["sleep", "30"])
print("the main program ends")

# --- case: multiprocessing Process
import multiprocessing, os, sys
def work(number, connection):
    connection.send((number * number, multiprocessing.current_process().name, __name__))
    connection.close()
    sys.exit(number)
if __name__ == "__main__":
    print(multiprocessing.get_start_method(), multiprocessing.get_all_start_methods(), multiprocessing.parent_process())
    for number in range(3):
        ours, theirs = multiprocessing.Pipe(duplex=False)
        process = multiprocessing.Process(target=work, args=(number, theirs))
        process.start()
        print(ours.recv())
        process.join()
        print(process.exitcode, process.is_alive(), process.name)

# --- case: multiprocessing with a failing process
import multiprocessing
def work():
    raise RuntimeError("in the process")
process = multiprocessing.Process(target=work, name="the-worker")
process.start()
process.join()
print(process.exitcode)

# --- case: multiprocessing by spawn
# cold
import multiprocessing
class Payload:
    def __init__(self, value):
        self.value = value
def work(payload, connection):
    connection.send(Payload(payload.value * 2))
if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(Payload(21), theirs))
    process.start()
    got = ours.recv()
    process.join()
    print(type(got), got.value, process.exitcode)
else:
    print("imported as", __name__, flush=True)

# --- case: multiprocessing with shared memory, a pool, a queue, a lock and a manager
# scratch: 32
import multiprocessing
from multiprocessing import shared_memory
def square(number):
    return number * number
def put(queue, lock, value):
    with lock:
        value.value += 1
    queue.put("put")
if __name__ == "__main__":
    with multiprocessing.Pool(2) as pool:
        print(pool.map(square, range(10)), pool.apply(square, (7,)), sorted(pool.imap_unordered(square, range(4))))
    queue, lock, value = multiprocessing.Queue(), multiprocessing.Lock(), multiprocessing.Value("i", 0)
    workers = [multiprocessing.Process(target=put, args=(queue, lock, value)) for _ in range(3)]
    for worker in workers:
        worker.start()
    print([queue.get() for _ in workers], [worker.join() for worker in workers], value.value)
    block = shared_memory.SharedMemory(create=True, size=100)
    block.buf[:3] = b"abc"
    attached = shared_memory.SharedMemory(block.name)
    print(bytes(attached.buf[:3]))
    attached.close()
    block.close()
    block.unlink()
    with multiprocessing.Manager() as manager:
        shared = manager.dict(a=1)
        shared["b"] = 2
        print(dict(shared))

# --- case: what needs a semaphore fails as on any read-only system
# each call: ["multiprocessing.Lock()", "multiprocessing.Queue()", "multiprocessing.Pool(2)", "concurrent.futures.ProcessPoolExecutor(2)"]
import concurrent.futures, multiprocessing
{{call}}

# --- case: signal handlers
import os, signal
def handle(number, frame):
    print("got", signal.Signals(number).name, frame.f_code.co_name, frame.f_back)
for name in ("SIGUSR1", "SIGTERM", "SIGHUP", "SIGINT"):
    signal.signal(getattr(signal, name), handle)
    os.kill(os.getpid(), getattr(signal, name))

# --- case: an alarm interrupts a sleep
import signal, time
class Alarm(Exception): pass
def ring(number, frame):
    raise Alarm("rang")
signal.signal(signal.SIGALRM, ring)
signal.setitimer(signal.ITIMER_REAL, 0.05)
time.sleep(30)

# --- case: SIGPIPE
import os
read_end, write_end = os.pipe()
os.close(read_end)
os.write(write_end, b"x")

# --- case: sigwait in a mask
import os, signal
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
os.kill(os.getpid(), signal.SIGUSR1)
print(signal.sigpending(), signal.sigwait([signal.SIGUSR1]))

# --- case: socketpair, select, mmap, eventfd, memfd
import mmap, os, select, socket
one, two = socket.socketpair()
one.send(b"hello")
print(two.recv(5), select.select([two], [one], [], 0)[0])
area = mmap.mmap(-1, 4096)
area[:3] = b"abc"
if os.fork() == 0:
    area[0:1] = b"X"
    os._exit(0)
os.wait()
print(area[:3])
descriptor = os.memfd_create("memory")
os.write(descriptor, b"in memory")
print(os.pread(descriptor, 100, 3), os.fstat(descriptor).st_size)

# --- case: writing where nothing can be written
for place in ['/tmp/x', 'x', '/code/x', '/etc/x', '/usr/lib/x', '/nowhere/x', '/dev/full/x', '/proc/self/x']:
    try:
        open(place, "w")
    except OSError as error:
        print(error)
open("/tmp/x", "w")

# --- case: removing, renaming, making
import os
import sys, traceback
for text in [
    "os.remove('/etc/hostname')",
    'os.remove(__file__)',
    "os.rename(__file__, 'other.py')",
    "os.mkdir('/tmp/folder')",
    "os.mkdir('/code/folder')",
    "os.symlink('a', '/tmp/b')",
    "open(__file__, 'a')",
    "os.mkfifo('/tmp/fifo')",
    'os.truncate(__file__, 0)',
    "os.utime('/etc/passwd')",
]:
    try:
        exec(text)
    except Exception:
        traceback.print_exc(file=sys.stdout)

# --- case: a disk that is full
with open("/dev/full", "w") as full:
    full.write("x")

# --- case: files with scratch space
# scratch: 16
import os, tempfile, shelve, sqlite3
with tempfile.TemporaryDirectory() as folder:
    with open(os.path.join(folder, "a"), "w+") as file:
        file.write("é\n" * 3)
        file.seek(0)
        print(file.readlines(), os.stat(file.name).st_size)
    with shelve.open(os.path.join(folder, "shelf")) as shelf:
        shelf["a"] = [1, 2]
    base = sqlite3.connect(os.path.join(folder, "base"))
    base.execute("create table t(x)"); base.execute("insert into t values (1)"); base.commit()
    print(base.execute("select * from t").fetchall(), sorted(os.listdir(folder))[:2])
print(os.path.exists(folder), tempfile.gettempdir(), os.environ["TMPDIR"])
