"""Names that a program has chosen lead nowhere but below the folder."""

import pathlib
import resource
from typing import Iterator

import pytest

from oneshot.cli.save import save_below


def test_a_file_is_written_at_its_path(tmp_path: pathlib.Path) -> None:
    assert save_below(tmp_path, "plots/deep/a.png", b"\0\xff") == tmp_path / "plots/deep/a.png"
    assert (tmp_path / "plots/deep/a.png").read_bytes() == b"\0\xff"
    save_below(tmp_path, "plots/b", b"")


@pytest.mark.parametrize("path", ["../a", "/etc/a", "a/../../b", "", "a//b", "./a", "a/", "a\0b"])
def test_a_path_that_leads_out_is_refused(tmp_path: pathlib.Path, path: str) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(ValueError, match="no path below"):
        save_below(folder, path, b"x")
    assert list(tmp_path.rglob("*")) == [folder]


def test_nothing_that_is_there_is_touched(tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "mine").write_bytes(b"mine")
    (tmp_path / "elsewhere").mkdir()
    (folder / "link").symlink_to(tmp_path / "elsewhere")
    (folder / "dangling").symlink_to(tmp_path / "created")
    for path in ("mine", "link/a", "dangling"):
        with pytest.raises((OSError, ValueError)):
            save_below(folder, path, b"x")
    assert (folder / "mine").read_bytes() == b"mine"
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert not (tmp_path / "created").exists()


@pytest.fixture
def small_disk() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("small_disk")
def test_half_a_file_is_not_left(tmp_path: pathlib.Path) -> None:
    with pytest.raises(OSError):
        save_below(tmp_path, "a/large", bytes(1001))
    assert list((tmp_path / "a").iterdir()) == []
    save_below(tmp_path, "a/large", bytes(1000))
