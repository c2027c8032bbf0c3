# Where a run differs from local Python on purpose: what the sandbox refuses, and output that is watched live.

# --- case: no internet sockets
# each family: ["AF_INET", "AF_INET6"]
# expect: {"exit_code": 1, "stderr": "PermissionError: [Errno 13] Permission denied\n"}
import socket, sys
sys.tracebacklimit = 0
socket.socket(getattr(socket, "{{family}}"), socket.SOCK_STREAM)

# --- case: no names are looked up
# expect: {"stdout": "gaierror\n"}
import socket
try:
    socket.getaddrinfo("example.org", 443)
except OSError as error:
    print(type(error).__name__)

# --- case: urllib says why
# expect: {"stdout": "True\n"}
import urllib.error, urllib.request
try:
    urllib.request.urlopen("http://127.0.0.1:8000/")
except urllib.error.URLError as error:
    print("Permission denied" in str(error))

# --- case: unix sockets that need no file work
# expect: {"stdout": "b'abstract'\n"}
import socket
listener = socket.socket(socket.AF_UNIX)
listener.bind("\0abstract-name")
listener.listen()
client = socket.socket(socket.AF_UNIX)
client.connect("\0abstract-name")
client.send(b"abstract")
print(listener.accept()[0].recv(20))

# --- case: the program's folder is /dev/shm by its real name
# expect: {"stdout": "/dev/shm /dev/shm /code/main.py main.py\n"}
import os, sys
print(os.getcwd(), sys.path[0], __file__, sys.argv[0])

# --- case: no temporary folder
# expect: {"exit_code": 1, "stderr": "FileNotFoundError: [Errno 2] No usable temporary directory found in ['/tmp', '/var/tmp', '/usr/tmp', '/dev/shm']\n"}
import sys, tempfile
sys.tracebacklimit = 0
tempfile.mkstemp()

# --- case: a line that was printed is not lost by os._exit
# expect: {"stdout": "a whole line\n", "exit_code": 3}
import os
print("a whole line")
print("no line yet", end="")
os._exit(3)

# --- case: a line that was printed is not printed again by a forked child
# expect: {"stdout": "before\nchild\nparent\n"}
import os, sys
print("before")
if os.fork() == 0:
    print("child")
    sys.exit()
os.wait()
print("parent")

# --- case: stdout is line-buffered, stderr as ever
# expect: {"stdout": "True True\n"}
import sys
print(sys.stdout.line_buffering, sys.stderr.line_buffering)

# --- case: the order of output and of what a child process prints
# expect: {"stdout": "one\ntwo\nthree\n"}
import subprocess
print("one")
subprocess.run(["echo", "two"])
print("three")

# --- case: refused system calls
# each call: ["ctypes.CDLL(None, use_errno=True).ptrace(0, 0, 0, 0)", "ctypes.CDLL(None, use_errno=True).unshare(0x10000000)", "ctypes.CDLL(None, use_errno=True).mount(b'none', b'/tmp', b'tmpfs', 0, None)", "ctypes.CDLL(None, use_errno=True).setns(0, 0)"]
# expect: {"stdout": "-1 EPERM\n"}
import ctypes, errno
print({{call}}, errno.errorcode[ctypes.get_errno()])

# --- case: the runner cannot be reached
# expect: {"stdout": "PermissionError\nPermissionError\nPermissionError\n"}
import os, signal
for attempt in (lambda: os.kill(1, signal.SIGKILL), lambda: os.listdir("/proc/1/fd"), lambda: open("/proc/1/mem", "rb")):
    try:
        attempt()
        print("reached")
    except OSError as error:
        print(type(error).__name__)

# --- case: the numerical libraries have one thread
# expect: {"stdout": "1 1 1\n"}
import os
print(os.environ["OMP_NUM_THREADS"], os.environ["OPENBLAS_NUM_THREADS"], len(os.listdir("/proc/self/task")))
