"""The box file holds each envelope once in one order, and nothing else is read as one."""

import hashlib
from collections.abc import Iterable
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbegroot.core.box_file import MOST_ENVELOPE, BoxFileError, box_file, fingerprint, read_box

ROUND = b"7"


def written(envelopes: Iterable[bytes]) -> bytes:
    boxed = box_file(envelopes, round_id=ROUND, spool=BytesIO())
    file = b"".join(boxed.pieces)
    assert file.startswith(b"bb-box/v2\nround: 7\nenvelopes: %d\n\n" % boxed.envelopes)
    return file


FILE = written([b"een", b"twee", b"drie"])


@given(st.lists(st.binary(max_size=40)))
def test_what_is_written_is_read_once_and_in_one_order(envelopes: list[bytes]) -> None:
    file = written(envelopes)
    assert [*read_box(BytesIO(file), round_id=ROUND)] == sorted(set(envelopes), key=fingerprint)
    assert file == written(reversed([*envelopes, *envelopes]))


def test_the_layout_is_the_published_one() -> None:
    first, *_ = sorted([b"een", b"twee", b"drie"], key=lambda each: hashlib.sha256(each).digest())
    assert FILE.startswith(b"bb-box/v2\nround: 7\nenvelopes: 3\n\n" + len(first).to_bytes(4, "big") + first)


def test_absurd_rows_are_cut_and_then_are_one() -> None:
    (found,) = read_box(BytesIO(written(bytes(MOST_ENVELOPE + more) for more in (0, 5, 6))), round_id=ROUND)
    assert len(found) == MOST_ENVELOPE


@pytest.mark.parametrize(
    "file",
    [
        b"",
        FILE[:-1],
        FILE + b"\0",
        FILE[:40],
        FILE.replace(b"envelopes: 3", b"envelopes: 2"),
        FILE.replace(b"envelopes: 3", b"envelopes: 4"),
        FILE.replace(b"envelopes: 3", b"envelopes: 03"),
        FILE.replace(b"v2", b"v1"),
        b"bb-box/v2\nround: 7\nenvelopes: 2\n\n" + 2 * (bytes(3) + b"\1x"),
        b"bb-box/v2\nround: 7\nenvelopes: 1\n\n\xff\xff\xff\xff",
    ],
)
def test_other_bytes_are_no_box_file(file: bytes) -> None:
    with pytest.raises(BoxFileError):
        list(read_box(BytesIO(file), round_id=ROUND))


def test_the_file_of_another_round_is_refused() -> None:
    with pytest.raises(BoxFileError):
        list(read_box(BytesIO(FILE), round_id=b"8"))
