"""Key files: made once, for their owner only, each in a file of its own."""

import stat
from pathlib import Path

import pytest

from buurtbegroot.box.domain.anchors import KeyFileError
from buurtbegroot.box.domain.keys import KeyStore


@pytest.fixture
def store(tmp_path: Path) -> KeyStore:
    return KeyStore(tmp_path / "keys", site="stem.example.org:8080")


def test_keys_are_found_again_by_another_process(store: KeyStore, tmp_path: Path) -> None:
    made = store.create(7)
    assert store.load(7) == made == KeyStore(tmp_path / "keys").load(7)
    assert made.origin == "stem.example.org:8080/rondes/7"
    assert made.link_key.hex() not in repr(made)


def test_only_the_owner_can_read_them(store: KeyStore) -> None:
    store.create(7)
    folder = store.folder(7)
    for path in (folder.keys, folder.link, folder.secret):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    folder.keys.chmod(0o640)
    with pytest.raises(KeyFileError, match="chmod 600"):
        store.load(7)


def test_keys_are_never_replaced(store: KeyStore) -> None:
    made = store.create(7)
    with pytest.raises(KeyFileError, match="there already"):
        store.create(7)
    assert store.load(7) == made


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"format": "bb-keys/v2"}', "\x00" * 200])
def test_a_damaged_file_is_named(store: KeyStore, content: str) -> None:
    store.create(7)
    store.folder(7).keys.write_text(content)
    with pytest.raises(KeyFileError, match="ronde-7"):
        store.load(7)


def test_destroyed_keys_are_gone(store: KeyStore) -> None:
    store.create(7)
    store.destroy(7)
    assert not store.exists(7)
    with pytest.raises(KeyFileError, match="missing"):
        store.load(7)


def test_destroying_the_link_leaves_what_signs(store: KeyStore) -> None:
    made = store.create(7)
    for _ in range(2):
        store.destroy_link(7)
    left = store.load(7)
    assert (left.link_key, left.signing_seed) == (b"", made.signing_seed)


def test_a_link_whose_destruction_broke_off_is_none(store: KeyStore) -> None:
    store.create(7)
    store.folder(7).link.write_bytes(bytes(64))
    store.folder(7).keys.touch()  # what was read before is not remembered
    assert store.load(7).link_key == b""


def test_what_casting_needs_and_what_opens_lie_apart(store: KeyStore) -> None:
    store.create(7)
    folder = store.folder(7)
    secret = folder.secret.read_text()
    assert secret not in folder.keys.read_text() + folder.link.read_text()
    assert secret not in repr(store.load(7))
