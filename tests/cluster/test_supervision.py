"""What of the embedded cluster dies is started again, by itself, until `down`."""

import os
import signal
import socket

import pytest

from embedded import (
    CHECKOUT,
    PROGRAMS,
    apiserver_answers,
    command,
    create_job,
    eventually,
    eventually_again,
    kill,
    kubectl,
    lives,
    log_of,
    pid_of,
    pids,
    start,
    takes_the_cluster_down,
)

pytestmark = takes_the_cluster_down

CLIENTS_OF_THE_APISERVER = ("kube-controller-manager", "kube-scheduler", "kubelet")


def supervisor_says():
    return (CHECKOUT / ".oneshot/logs/supervisor.log").read_text()


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_that_dies_comes_back_and_pods_live_on(running_cluster, tmp_path, program):
    create_job(f"survivor-of-{program}", tmp_path)
    before = pid_of(program)
    kill([before])
    eventually_again(program, before)
    eventually(apiserver_answers)
    create_job(f"after-{program}", tmp_path)
    eventually(lambda: log_of(f"after-{program}") == "waiting\n")
    eventually(lambda: log_of(f"survivor-of-{program}") == "waiting\n")


def test_a_program_that_dies_while_up_waits_for_a_node_comes_back(running_cluster, tmp_path):
    said = tmp_path / "said"
    kubectl("taint", "node", "localhost", "test=not-yet:NoSchedule")
    try:
        up = start("up", output=said)
        eventually(lambda: "waiting for node 1" in said.read_text())
        before = pid_of("etcd")
        kill([before])
        eventually_again("etcd", before)
        assert up.poll() is None, "it waits for nothing"
    finally:
        eventually(lambda: kubectl("taint", "node", "localhost", "test-", check=False).returncode == 0)
    assert up.wait(timeout=120) == 0, said.read_text()


def test_all_die_at_once_and_come_back(running_cluster, tmp_path):
    create_job("survivor", tmp_path)
    before = pids()
    kill(before.values())
    for program in PROGRAMS:
        eventually_again(program, before[program])
    eventually(apiserver_answers)
    create_job("after", tmp_path)
    eventually(lambda: log_of("after") == "waiting\n")
    eventually(lambda: log_of("survivor") == "waiting\n")


def test_a_stopped_program_is_not_dead(running_cluster):
    stopped = pid_of("kube-scheduler")
    os.kill(stopped, signal.SIGSTOP)
    try:
        before = pid_of("kube-controller-manager")
        kill([before])
        eventually_again("kube-controller-manager", before)
        assert pid_of("kube-scheduler") == stopped
    finally:
        os.kill(stopped, signal.SIGCONT)


def test_a_program_that_keeps_dying_is_given_growing_pauses_and_comes_back_when_it_can(no_cluster):
    command("up")
    supervisor, scheduler = pid_of("supervisor"), pid_of("kube-scheduler")
    os.kill(supervisor, signal.SIGSTOP)
    try:
        kill([scheduler])
        listener = socket.create_server(("127.0.0.1", 10259))
    finally:
        os.kill(supervisor, signal.SIGCONT)
    with listener:
        eventually(lambda: "kube-scheduler has died; starting it in 800 ms" in supervisor_says())
        pauses = [line.split()[-2] for line in supervisor_says().splitlines() if "kube-scheduler has died" in line]
        assert pauses[:3] == ["200", "400", "800"]
    eventually(lambda: kubectl("get", "--raw", "/readyz", "--server", "https://127.0.0.1:10259", "--insecure-skip-tls-verify", check=False).returncode == 0)


def test_a_supervisor_that_dies_takes_nobody_along_and_is_started_by_up(running_cluster):
    before = pids("supervisor")
    kill([before["supervisor"], before["kube-scheduler"]])
    command("up")
    after = pids("supervisor")
    assert {name for name in before if before[name] != after[name]} == {"supervisor", "kube-scheduler"}
    kill([after["kube-scheduler"]])
    eventually_again("kube-scheduler", after["kube-scheduler"])


def test_clients_that_have_become_slow_to_ask_start_anew(no_cluster, tmp_path):
    """Kubernetes' programs ask an API server that was away ever more rarely, and the second time they begin where they were."""
    command("up")
    before = pids()
    for _ in range(2):
        apiserver = pid_of("kube-apiserver")
        kill([apiserver])
        eventually_again("kube-apiserver", apiserver)
        eventually(apiserver_answers)
    for program in CLIENTS_OF_THE_APISERVER:
        eventually_again(program, before[program])
    assert lives(before["etcd"]) and lives(before["containerd"])
    create_job("next", tmp_path)


def test_etcd_that_lost_its_data_is_not_started_again_but_the_cluster_starts_over(no_cluster, tmp_path):
    command("up")
    supervisor = pid_of("supervisor")
    os.kill(supervisor, signal.SIGSTOP)
    kill([pid_of("etcd")])
    (CHECKOUT / ".oneshot/cluster/etcd/member").rename(tmp_path / "member")
    os.kill(supervisor, signal.SIGCONT)
    eventually(lambda: "etcd has lost its data" in supervisor_says())
    said = command("up").stdout
    assert "whose etcd has lost its data" in said
    create_job("next", tmp_path)
