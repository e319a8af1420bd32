"""The closing note binds every list, and reads back as nothing else."""

import hashlib

import pytest

from buurtbegroot.core.ballots import Ballot
from buurtbegroot.core.closing import (
    LISTS,
    Closing,
    Listed,
    listed,
    open_closing,
    opened_lists,
    registry_list,
    sign_closing,
)
from buurtbegroot.core.envelope import Stranger
from buurtbegroot.core.opening import Opened, Refusal, Register
from buurtbegroot.core.signing import NoteError, NoteSigner, sign_note

SIGNER = NoteSigner("stad.example/rondes/7", bytes(range(32)))
OTHER = NoteSigner("stad.example/rondes/8", bytes(range(32)))
CLOSING = Closing(
    origin=SIGNER.name, manifest=bytes(range(32)), lists={name: listed(name.encode() + b"\n") for name in LISTS}
)
NOTE = sign_closing(CLOSING, SIGNER)
TEXT = NOTE.rpartition("\n\n")[0] + "\n"


def test_a_note_reads_back() -> None:
    assert open_closing(NOTE, SIGNER.verifier) == CLOSING
    assert sign_closing(CLOSING, SIGNER) == NOTE


def test_the_text_is_the_published_one() -> None:
    line = f"ballots.jsonl 1 {hashlib.sha256(b'ballots.jsonl' + bytes([10])).hexdigest()}"
    assert TEXT.splitlines()[:4] == [SIGNER.name, "bb-closing/v2", "manifest " + CLOSING.manifest.hex(), line]
    assert [each.split()[0] for each in TEXT.splitlines()[3:]] == sorted(LISTS) == list(LISTS)


@pytest.mark.parametrize(
    "text",
    [
        "x\n",
        TEXT.replace("v2", "v1"),
        TEXT.replace("ballots.jsonl 1 ", "ballots.jsonl 01 "),
        TEXT.replace("leaves.txt", "levaes.txt"),
        TEXT.replace("manifest ", "manifest 0"),
        "".join(TEXT.splitlines(keepends=True)[:-1]),
        TEXT + TEXT.splitlines(keepends=True)[-1],
        TEXT.replace("rondes/7", "rondes/9"),
    ],
)
def test_another_text_is_no_closing_note(text: str) -> None:
    with pytest.raises(NoteError):
        open_closing(sign_note(text, SIGNER), SIGNER.verifier)


def test_only_its_own_log_signs_it_whole() -> None:
    with pytest.raises(NoteError):
        sign_closing(CLOSING, OTHER)
    with pytest.raises(NoteError):
        open_closing(NOTE, OTHER.verifier)
    lacking = Closing(origin=SIGNER.name, manifest=bytes(32), lists={"leaves.txt": Listed(0, "00" * 32)})
    with pytest.raises(NoteError):
        sign_closing(lacking, SIGNER)


def test_lists_are_sorted_by_their_own_bytes() -> None:
    high, low = b"\xff" * 32, bytes(32)
    opened = Opened(
        ballots=(Ballot(bytes(16), b"[1,2]", low),),
        nullifiers=(low, high),
        superseded=(low,),
        refused=((high, Refusal.ILLEGAL),),
        strangers={Stranger.COPY: 1},
        leaves=(low, high),
    )
    register = Register(round_id=b"7", codes=(), voids=(high, low), is_legal=bool)
    made = opened_lists(opened, register, [low, high])
    lists = {name: b"".join(lines) for name, lines in made.items()}
    lists["registry.txt"] = registry_list({high: "spare", low: "letter"})
    assert tuple(sorted(lists)) == LISTS
    assert lists["ballots.jsonl"] == (
        b'{"blind":"' + b"00" * 32 + b'","choices":[1,2],"tracker":"' + b"00" * 16 + b'"}\n'
    )
    assert lists["refused.txt"] == b"ff" * 32 + b" illegal\n"
    assert lists["registry.txt"] == b"00" * 32 + b" letter\n" + b"ff" * 32 + b" spare\n"
    assert all(content == b"".join(sorted(content.splitlines(keepends=True))) for content in lists.values())
    assert listed(made["envelopes.txt"]) == listed(lists["envelopes.txt"])
    assert listed(lists["envelopes.txt"]).lines == 2
