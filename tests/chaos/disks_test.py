"""PostgreSQL's files survive being moved to a small disk, filled, and brought back, whenever the program that does it dies."""

import errno
import os
import subprocess

import pytest

import disks


class Killed(BaseException):
    pass


@pytest.fixture
def disk(tmp_path, monkeypatch):
    if os.geteuid() != 0:
        pytest.skip("mounts file systems")
    postgres = tmp_path / "scripts/postgres"
    postgres.parent.mkdir()
    postgres.write_text("#!/bin/sh\n")
    postgres.chmod(0o755)
    monkeypatch.setattr(disks, "ROOT", tmp_path)
    monkeypatch.setattr(disks, "NOTE", tmp_path / "run/database")
    made = disks.DatabaseDisk(tmp_path / "home/data")
    made.data.mkdir(parents=True)
    (made.data / "table").write_text("before")
    yield made
    for place in (made.data, made.copy):
        if disks.is_mounted(place):
            subprocess.run(["umount", place], check=True)


def assert_as_before(disk: disks.DatabaseDisk, text: str) -> None:
    disks.undo()
    assert not disks.is_mounted(disk.data) and not disks.is_mounted(disk.copy)
    assert [each.name for each in disk.data.parent.iterdir()] == ["data"]
    assert (disk.data / "table").read_text() == text
    assert not disks.NOTE.exists()


def test_what_is_written_meanwhile_comes_back(disk):
    disk.make()
    (disk.data / "table").write_text("meanwhile")
    assert_as_before(disk, "meanwhile")


def test_a_full_disk_takes_nothing_and_a_free_one_does(disk):
    disk.make()
    disk.fill()
    with pytest.raises(OSError) as fault:
        (disk.data / "more").write_bytes(b"x" * 1024 * disks.LEFT_KIB * 2)
    assert fault.value.errno == errno.ENOSPC
    disk.free()
    (disk.data / "more").write_bytes(b"x" * 1024 * disks.LEFT_KIB * 2)
    (disk.data / "more").unlink()
    assert_as_before(disk, "before")


def test_a_full_disk_is_brought_back(disk):
    disk.make()
    (disk.data / "table").write_text("meanwhile")
    disk.fill()
    assert_as_before(disk, "meanwhile")


def test_nothing_to_undo(disk):
    disks.undo()
    assert (disk.data / "table").read_text() == "before"


@pytest.mark.parametrize("step", range(1, 6))
@pytest.mark.parametrize("action,text", [("make", "before"), ("undo", "meanwhile")])
def test_killed_in_the_middle(disk, monkeypatch, step, action, text):
    """At each call of another program, before it."""
    if action == "undo":
        disk.make()
        (disk.data / "table").write_text("meanwhile")
    real, calls = disks.run, []

    def run(*command):
        calls.append(command)
        if len(calls) == step:
            raise Killed
        real(*command)

    monkeypatch.setattr(disks, "run", run)
    try:
        getattr(disk, action)()
    except Killed:
        pass
    monkeypatch.setattr(disks, "run", real)
    assert_as_before(disk, text) if disks.NOTE.exists() else None
    assert (disk.data / "table").read_text() == text
