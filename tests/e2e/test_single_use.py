"""A Job serves one run. Every run leaves marks wherever a program can, and looks for those of the runs before and beside it."""

import concurrent.futures
import json
import os

from pool import Pool, is_warm

RUNS = int(os.environ.get("ONESHOT_SINGLE_USE_RUNS", "40"))
BATCH = 20  # pods are looked up while kubectl still shows them

MARK = "oneshot-mark"
SOURCE = r'''
import atexit, builtins, decimal, gc, json, linecache, logging, os, random, resource, signal, subprocess, sys, threading, warnings
import numpy, pandas, scipy

PREFIX, mine = sys.argv[1], sys.argv[1] + "-" + sys.argv[2]
FOLDERS = ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/code", "/run", "/run/lock", "/home", "/root", os.getcwd(), os.path.expanduser("~"))

def texts():
    """Everything in which a mark could have survived, with where it was."""
    for module in (builtins, sys, os, json, numpy, pandas, scipy, pandas.DataFrame, random, logging, threading):
        yield from ((getattr(module, "__name__", "?"), name) for name in list(vars(module)))
    yield from (("module", name) for name in list(sys.modules))
    yield from (("environment", f"{name}={value}") for name, value in os.environ.items())
    yield from (("path", entry) for entry in sys.path)
    yield from (("thread", thread.name) for thread in threading.enumerate())
    yield from (("logger", name) for name in logging.root.manager.loggerDict)
    yield from (("filter", str(entry)) for entry in warnings.filters)
    yield from (("source line", name) for name in linecache.cache)
    for folder in FOLDERS:
        try:
            yield from (("file", os.path.join(folder, name)) for name in os.listdir(folder))
        except OSError:
            pass
    for process in filter(str.isdigit, os.listdir("/proc")):
        for file in ("cmdline", "environ", "comm"):
            try:
                with open(f"/proc/{process}/{file}", errors="replace") as opened:
                    yield "process", opened.read().replace(sys.argv[1] + "\0" + sys.argv[2], "my own arguments")
            except OSError:
                pass
    for file in ("/proc/net/unix", "/proc/sysvipc/shm", "/proc/sysvipc/msg", "/proc/keys", "/proc/locks"):
        try:
            with open(file) as opened:
                yield file, opened.read()
        except OSError:
            pass
    yield from (("text in memory", thing) for thing in gc.get_objects() if isinstance(thing, str))

def state():
    """What the runs before could have changed; equal in every run."""
    return {
        "umask": os.umask(0o022), "nice": os.nice(0), "recursion": sys.getrecursionlimit(), "switch": sys.getswitchinterval(),
        "descriptors": sorted(os.listdir("/proc/self/fd")), "folder": os.getcwd(), "threads": threading.active_count(),
        "handlers": [str(number) for number in sorted(signal.valid_signals()) if callable(signal.getsignal(number))],
        "mask": str(signal.pthread_sigmask(signal.SIG_BLOCK, [])), "files": resource.getrlimit(resource.RLIMIT_NOFILE),
        "precision": decimal.getcontext().prec, "print": repr(numpy.get_printoptions()), "numpy errors": numpy.geterr(),
        "rows": pandas.get_option("display.max_rows"), "loggers": len(logging.root.handlers), "sum": numpy.sum([1, 2]).item(),
        "frame": str(pandas.DataFrame({"a": [1]})), "json": json.dumps([1]), "gc": gc.isenabled(), "stdin": sys.stdin.read(),
        "processes": sum(name.isdigit() for name in os.listdir("/proc")),
        "segments": len(open("/proc/sysvipc/shm").readlines()) if os.path.exists("/proc/sysvipc/shm") else 1,
    }

# Not hash(): its seed is the snapshot's (SECURITY.md, "Secrets of a process").
report = {"found": sorted({f"{where}: {text}"[:200] for where, text in texts() if PREFIX in text and text not in (PREFIX, mine)}),
          "state": state(), "drawn": [random.random(), numpy.random.rand()]}

for module in (builtins, sys, os, json, numpy, pandas, scipy, pandas.DataFrame, random):
    setattr(module, mine, mine)
sys.modules[mine] = sys
os.environ[mine] = mine
sys.path.append("/" + mine)
logging.getLogger(mine).error
warnings.filterwarnings("ignore", message=mine)
linecache.cache[mine] = (0, None, [], mine)
threading.Thread(target=threading.Event().wait, name=mine, daemon=True).start()
atexit.register(setattr, builtins, mine, mine)
os.umask(0); os.nice(3); sys.setrecursionlimit(5000); sys.setswitchinterval(0.5); gc.disable()
for number in (signal.SIGTERM, signal.SIGUSR1):
    signal.signal(number, lambda *_: None)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
resource.setrlimit(resource.RLIMIT_NOFILE, (500, 500))
decimal.getcontext().prec = 3
numpy.set_printoptions(precision=1); numpy.seterr(all="ignore"); pandas.set_option("display.max_rows", 1)
numpy.sum = lambda *_: numpy.int64(-1)
pandas.DataFrame.__str__ = json.dumps = lambda *_: mine
random.seed(1); numpy.random.seed(1)
for folder in FOLDERS:
    try:
        open(os.path.join(folder, mine), "w").close()
    except OSError:
        pass
for file in ("/proc/self/comm", "/proc/sys/kernel/hostname", "/dev/mqueue/" + mine, "/proc/1/comm"):
    try:
        open(file, "w").write(mine[-15:])
    except OSError:
        pass
import ctypes, socket
ctypes.CDLL(None).shmget(int(sys.argv[2]) + 1, 4096, 0o1666)
held = os.memfd_create(mine)
listener = socket.socket(socket.AF_UNIX)
listener.bind("\0" + mine)
subprocess.Popen([mine, "60"], executable="/bin/sleep", start_new_session=True, stdin=-3, stdout=-3, stderr=-3)
from json.encoder import JSONEncoder
os.write(1, JSONEncoder().encode(report).encode())
'''


def uids_of(kubectl, runs: list[dict]) -> dict[str, str]:
    """Pod UIDs by run id."""
    uid_of = {pod["metadata"]["name"]: pod["metadata"]["uid"] for pod in kubectl.objects("pods")}
    return {run["id"]: uid_of[run["job"]["pod"]] for run in runs}


def test_no_two_runs_share_anything(api, kubectl):
    pool = Pool()

    def one(number: int) -> dict:
        return pool.run(lambda: api.run(SOURCE, args=[MARK, str(number)], stdin="the same"))

    runs, uids = [], {}
    with concurrent.futures.ThreadPoolExecutor(4) as some:
        for first in range(0, RUNS, BATCH):
            batch = list(some.map(one, range(first, min(first + BATCH, RUNS))))
            uids |= uids_of(kubectl, batch)
            runs += batch

    failed = [run for run in runs if run["status"] != "succeeded"]
    assert not failed, failed[0]
    assert not pool.is_on or all(map(is_warm, runs)), [run["job"]["name"] for run in runs if not is_warm(run)]
    assert len(runs) == RUNS == len(set(uids.values())) == len({run["job"]["name"] for run in runs}), "a pod or a Job served twice"

    reports = [json.loads(run["stdout"]) for run in runs]
    assert [report["found"] for report in reports if report["found"]] == []
    assert {run["stderr"] for run in runs} == {""}
    for report in reports[1:]:
        assert report["state"] == reports[0]["state"]
    for drawn in zip(*(report["drawn"] for report in reports)):
        assert len(set(drawn)) == RUNS, "two runs began with the same random state"
