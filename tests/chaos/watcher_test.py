"""The watcher misses no start and counts none twice, whatever becomes of the files."""

import pytest

from watcher import DELETED_SECONDS, Pod, Watcher

NONCE = "0123456789abcdef"


def record_of(marker: str, nonce: str = NONCE) -> bytes:
    return b'2026-01-01T00:00:00Z stdout F {"type":"output","seq":0,"ms":3,"pieces":[["o","chaos-start %s %s\\n"]]}\n' % (
        marker.encode(),
        nonce.encode(),
    )


@pytest.fixture
def folder(tmp_path):
    return tmp_path


@pytest.fixture
def watcher(folder) -> Watcher:
    return Watcher(clock=lambda: 1.0, folders=lambda: [folder, folder / "not-there", folder])


def log(folder, pod: str = "run-1-abc", namespace: str = "oneshot-runs"):
    path = folder / f"{namespace}_{pod}_uid-1" / "python"
    path.mkdir(parents=True, exist_ok=True)
    return path / "0.log"


def seen(watcher) -> list[tuple[str, str, str]]:
    watcher.look()
    return [(start.marker, start.nonce, start.pod) for start in watcher.starts]


def test_a_start_is_seen_once(folder, watcher):
    path = log(folder)
    path.write_bytes(record_of("m-1") * 2)
    assert seen(watcher) == [("m-1", NONCE, "run-1-abc")]
    with open(path, "ab") as file:
        file.write(record_of("m-1"))
    assert len(seen(watcher)) == 1


def test_the_same_run_in_two_pods_began_twice(folder, watcher):
    log(folder).write_bytes(record_of("m-1"))
    log(folder, "run-2-abc").write_bytes(record_of("m-1", "f" * 16))
    assert len(seen(watcher)) == 2


def test_a_start_that_comes_in_parts(folder, watcher):
    path, line = log(folder), record_of("m-1")
    for end in range(1, len(line)):
        with open(path, "ab") as file:
            file.write(line[end - 1 : end])
        watcher.look()
    assert len(seen(watcher)) == 1


def test_what_is_written_to_a_deleted_log_counts(folder, watcher, monkeypatch):
    path = log(folder)
    with open(path, "ab") as file:
        watcher.look()
        path.unlink()
        watcher.look()
        file.write(record_of("m-1"))
    assert len(seen(watcher)) == 1
    (watched,) = watcher.logs.values()
    watched.deleted_at -= DELETED_SECONDS + 1
    watcher.look()
    assert not watcher.logs and watched.file.closed


def test_pods_of_others_do_not_count(folder, watcher):
    log(folder, namespace="oneshot").write_bytes(record_of("m-1"))
    assert seen(watcher) == []


def test_a_pod_works_until_its_run_has_ended(folder, watcher):
    log(folder).write_bytes(record_of("m-1"))
    watcher.look()
    assert watcher.working() == [Pod("run-1-abc", "uid-1")]
    watcher.ended.add("m-1")
    assert watcher.working() == []
