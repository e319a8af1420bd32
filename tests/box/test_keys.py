"""Key files: made once, for their owner only, and a log's signer that never goes back."""

import stat
from pathlib import Path

import pytest

from buurtbegroot.box.domain.folder import KeyFileError
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.core.transparency_log import LogForkError, open_checkpoint


@pytest.fixture
def store(tmp_path: Path) -> KeyStore:
    return KeyStore(tmp_path / "keys", site="stem.example.org:8080")


def file_of(tmp_path: Path) -> Path:
    [path] = (tmp_path / "keys").iterdir()
    return path


def test_keys_are_found_again_by_another_process(store: KeyStore, tmp_path: Path) -> None:
    made = store.create(7)
    assert store.load(7) == made == KeyStore(tmp_path / "keys").load(7)
    assert made.origin == "stem.example.org:8080/rondes/7"
    assert made.link_key.hex() not in repr(made)


def test_only_the_owner_can_read_them(store: KeyStore, tmp_path: Path) -> None:
    store.create(7)
    path = file_of(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    path.chmod(0o640)
    with pytest.raises(KeyFileError, match="chmod 600"):
        store.load(7)


def test_keys_are_never_replaced(store: KeyStore) -> None:
    made = store.create(7)
    with pytest.raises(KeyFileError, match="there already"):
        store.create(7)
    assert store.load(7) == made


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"format": "bb-keys/v1"}', "\x00" * 200])
def test_a_damaged_file_is_named(store: KeyStore, tmp_path: Path, content: str) -> None:
    store.create(7)
    file_of(tmp_path).write_text(content)
    with pytest.raises(KeyFileError, match="ronde-7"):
        store.load(7)


def test_destroyed_keys_are_gone(store: KeyStore) -> None:
    store.create(7)
    store.destroy(7)
    assert not store.exists(7)
    with pytest.raises(KeyFileError, match="missing"):
        store.load(7)


def test_the_signer_goes_forward_only(store: KeyStore, tmp_path: Path) -> None:
    verifier = store.create(7).log_verifier
    leaves = [bytes([number]) * 32 for number in range(5)]
    store.sign_log(7, [])
    claim, note = store.sign_log(7, leaves[:3])
    assert open_checkpoint(note, verifier) == claim
    for wrong in (leaves[:2], [leaves[1], leaves[0], leaves[2]], [*leaves[1:], leaves[0]]):
        with pytest.raises(LogForkError):
            KeyStore(tmp_path / "keys").sign_log(7, wrong)
    assert store.sign_log(7, leaves[:3]) == (claim, note)
    assert store.sign_log(7, leaves)[0].size == 5


def test_signing_keeps_the_secrets_and_leaves_one_file(store: KeyStore, tmp_path: Path) -> None:
    made = store.create(7)
    store.sign_log(7, [bytes(32)])
    assert store.load(7) == made
    assert stat.S_IMODE(file_of(tmp_path).stat().st_mode) == 0o600
