"""What a program finds when it looks around: no writable file, no network, no token, no rights, nobody else."""

import json


def look(api, source: str):
    run = api.run("import json, os\n" + source)
    assert run["status"] == "succeeded", run
    return json.loads(run["stdout"])


def test_writing_a_file_fails_as_on_any_read_only_system(api):
    run = api.run('open("/tmp/x","w")')
    assert (run["status"], run["exit_code"]) == ("failed", 1)
    assert run["stderr"].endswith("OSError: [Errno 30] Read-only file system: '/tmp/x'\n"), run["stderr"]


def test_nothing_is_writable(api):
    source = """
written = []
for folder in ("/", "/tmp", "/var/tmp", "/dev", "/dev/shm", "/dev/mqueue", "/code", "/run", "/home", "/usr", os.getcwd()):
    try:
        open(os.path.join(folder, "oneshot-probe"), "w").close()
        written.append(folder)
    except OSError:
        pass
for file in ("/dev/termination-log", "/etc/hostname", "/etc/hosts", "/etc/resolv.conf", "/proc/self/oom_score_adj", "/proc/1/mem"):
    try:
        open(file, "r+b").write(b"0")
        written.append(file)
    except OSError:
        pass
print(json.dumps(written))
"""
    assert look(api, source) == []


def test_no_rights(api):
    status = look(api, "print(json.dumps(dict(line.split(':\\t') for line in open('/proc/self/status').read().splitlines() if line)))")
    assert {status[name].strip() for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert status["NoNewPrivs"].strip() == "1"
    assert status["Seccomp"].strip() == "2"
    (uid,) = set(status["Uid"].split())
    assert 1_000_000 <= int(uid) < 2_000_000
    assert status["Gid"].split() == ["65534"] * 4


def test_no_network(api):
    source = """
import socket
results = {}
for family in ("AF_INET", "AF_INET6", "AF_NETLINK", "AF_PACKET", "AF_VSOCK"):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            socket.socket(getattr(socket, family), kind)
            results[family] = "open"
        except OSError:
            pass
print(json.dumps(results))
"""
    assert look(api, source) == {}


def test_no_token_and_nothing_of_the_cluster_in_the_environment(api):
    found = look(api, "print(json.dumps({'env': dict(os.environ), 'run': os.path.exists('/var/run/secrets') or os.path.exists('/run/secrets')}))")
    assert found["run"] is False
    assert not [name for name in found["env"] if "KUBERNETES" in name or "ONESHOT" in name or "SERVICE" in name]


def test_other_processes_are_out_of_reach(api):
    source = """
def attempt(action):
    try:
        action()
        return "done"
    except OSError as error:
        return type(error).__name__
print(json.dumps({
    "processes": sorted(int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) not in (1, os.getpid())),
    "memory": attempt(lambda: open("/proc/1/mem", "rb")),
    "environment": attempt(lambda: open("/proc/1/environ", "rb").read()),
    "descriptors": attempt(lambda: os.listdir("/proc/1/fd")),
    "own": sorted(os.listdir("/proc/self/fd"))[:3],
}))
"""
    found = look(api, source)
    assert found["processes"] == []
    assert [found[name] for name in ("memory", "environment", "descriptors")] == ["PermissionError"] * 3
    assert found["own"] == ["0", "1", "2"]


def test_a_program_cannot_forge_a_record(api):
    forged = '{"type":"finished","run_id":"x","attempt":1,"exit_code":0,"reason":"exited"}'
    run = api.run(f"import sys\nprint({forged!r})\nsys.exit(5)")
    assert (run["status"], run["exit_code"]) == ("failed", 5)
    assert run["stdout"] == forged + "\n"
