"""Files of secrets: owner-only from their first byte, whole or not there, never replaced unasked."""

import stat
from pathlib import Path

import pytest

from buurtbegroot.owner_files import OwnerFileError, destroy, put_new, read_owned, replace, write_new


@pytest.mark.parametrize("write", [write_new, put_new])
def test_writes_for_the_owner_only_and_never_over_another(tmp_path: Path, write: object) -> None:
    path = tmp_path / "key"
    assert callable(write)
    write(path, "first")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        write(path, "second")
    assert read_owned(path) == "first"
    assert list(tmp_path.iterdir()) == [path]


def test_makes_a_folder_that_others_cannot_enter(tmp_path: Path) -> None:
    put_new(tmp_path / "keys" / "key", "text")
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


def test_replaces_whole_and_keeps_it_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "key"
    put_new(path, "old")
    replace(path, "new")
    assert read_owned(path) == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_refuses_what_others_can_read(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key"
    put_new(path, "text")
    path.chmod(mode)
    with pytest.raises(OwnerFileError, match="chmod 600"):
        read_owned(path)


def test_names_the_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(OwnerFileError, match="key is missing"):
        read_owned(tmp_path / "key")


def test_overwrites_before_it_removes(tmp_path: Path) -> None:
    path, twin = tmp_path / "key", tmp_path / "twin"
    put_new(path, "secret")
    twin.hardlink_to(path)
    destroy(path)
    assert not path.exists()
    assert twin.read_bytes() == bytes(6)


def test_leaves_nothing_of_a_file_that_the_disk_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_path: Path, _target: Path) -> Path:
        raise OSError("no room")

    monkeypatch.setattr(Path, "replace", refused)
    with pytest.raises(OSError, match="no room"):
        replace(tmp_path / "list", "half")
    assert [*tmp_path.iterdir()] == []
