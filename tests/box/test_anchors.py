"""The trusted values: only ever added to, whole or not at all, and never two answers to what can be asked once."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from buurtbegroot.box import opener
from buurtbegroot.box.domain.anchors import (
    DiffersError,
    Folder,
    KeyFileError,
    anchor,
    anchor_closing,
    anchor_opening,
    anchored,
    owned,
)
from buurtbegroot.box.domain.ballots import Form
from buurtbegroot.box.domain.keys import KeyStore


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "ronde-7")


def test_a_line_is_added_once_and_another_of_its_kind_is_refused(folder: Folder) -> None:
    assert anchored(folder).lines == ()
    for _ in range(2):
        anchor(folder, "opening", box="ab")
    anchor(folder, "sealed", night="2026-11-29", seal="cd")
    with pytest.raises(DiffersError, match="opening"):
        anchor(folder, "opening", box="ef")
    assert [line["kind"] for line in anchored(folder).lines] == ["opening", "sealed"]


def manifest(**voting: str) -> str:
    return json.dumps({"round": {"id": "7", "voting": {"begins": "2026-11-01T00:00:00Z", "ends": "x", **voting}}})


def test_another_opening_after_voting_began_is_refused_and_changes_no_file(folder: Folder) -> None:
    before, after = (datetime(2026, month, 15, tzinfo=UTC) for month in (10, 11))
    anchor_opening(folder, manifest(), registry=b"one", plans=b"one", now=before)
    anchor_opening(folder, manifest(ends="y"), registry=b"two", plans=b"two", now=before)
    anchor_opening(folder, manifest(ends="y"), registry=b"two", plans=b"two", now=after)
    with pytest.raises(DiffersError, match="manifest"):
        anchor_opening(folder, manifest(ends="z"), registry=b"three", plans=b"three", now=after)
    assert (folder.registry.read_bytes(), folder.plans.read_bytes()) == (b"two", b"two")
    assert anchored(folder).manifest == manifest(ends="y")


def test_a_closing_can_be_done_again_with_the_same_box_until_it_is_opened(folder: Folder) -> None:
    for void in (b"", b"ab\n"):  # the first was not committed, and a code became void since
        anchor_closing(folder, box="ab", envelopes=3, drawn=0, void=void)
    with pytest.raises(DiffersError, match="box"):
        anchor_closing(folder, box="cd", envelopes=3, drawn=0, void=b"ab\n")
    anchor(folder, "opening", box="ab")
    anchor_closing(folder, box="ab", envelopes=3, drawn=0, void=b"ab\n")
    with pytest.raises(DiffersError, match="void"):
        anchor_closing(folder, box="ab", envelopes=3, drawn=0, void=b"")
    assert folder.voids.read_bytes() == b"ab\n"


def test_what_a_crash_left_of_a_line_is_no_line(folder: Folder) -> None:
    anchor(folder, "sealed", night="2026-11-28", seal="ab")
    with folder.anchors.open("ab") as file:
        file.write(b'{"kind":"clo')
    assert len(anchored(folder).lines) == 1
    anchor(folder, "sealed", night="2026-11-29", seal="cd")
    assert [line["night"] for line in anchored(folder).all("sealed")] == ["2026-11-28", "2026-11-29"]


@pytest.mark.parametrize("written", [b"no json\n", b"[]\n", b'{"kind":1}\n'])
def test_a_damaged_file_is_named(folder: Folder, written: bytes) -> None:
    anchor(folder, "sealed", night="2026-11-28", seal="ab")
    folder.anchors.write_bytes(written)
    with pytest.raises(KeyFileError, match="anchors is damaged"):
        anchored(folder)


def test_before_the_opening_there_is_no_manifest(folder: Folder) -> None:
    with pytest.raises(KeyFileError, match="never opened"):
        _ = anchored(folder).manifest


def test_a_secret_that_is_a_folder_cannot_be_read(folder: Folder) -> None:
    folder.path.mkdir(mode=0o700)
    with pytest.raises(KeyFileError, match="cannot be read"):
        owned(folder.path)


def test_a_key_file_of_another_form_is_named(tmp_path: Path) -> None:
    store = KeyStore(tmp_path)
    store.create(7)
    keys = store.folder(7).keys
    keys.write_text(keys.read_text().replace("bb-keys/v2", "bb-keys/v1"))
    with pytest.raises(KeyFileError, match="no key file"):
        store.load(7)


def test_a_form_has_sixteen_bytes() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        Form(b"short")


def test_the_opener_tells_how_it_ended(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(opener, "_hide_memory", lambda: None)
    assert opener.main([str(folder.path)]) == opener.NO_KEYS
    monkeypatch.setattr(opener, "open_box", lambda *_args, **_more: 1 / 0)
    assert opener.main([str(folder.path)]) == opener.BROKEN
    monkeypatch.setattr(opener, "open_box", lambda *_args, say, **_more: say(3, 4))
    assert opener.main([str(folder.path)]) == 0
    told = capsys.readouterr()
    assert told.out == "3 4\n"
    assert told.err.splitlines()[1:] == ["ZeroDivisionError"], "what it was about is in no message"
