"""Checkpoints read back, are signed under the name of their log, and a log that changed gets none."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbegroot.core.merkle import EMPTY_ROOT, consistency_proof, merkle_root
from buurtbegroot.core.signing import NoteError, NoteSigner, sign_note
from buurtbegroot.core.transparency_log import (
    Checkpoint,
    LogForkError,
    check_growth,
    checkpoint_text,
    next_checkpoint,
    open_checkpoint,
    parse_checkpoint,
    registry_root,
    sign_checkpoint,
)

ORIGIN = "stem.example/noord"
SIGNER = NoteSigner(ORIGIN, bytes(range(32)))
LEAVES = [hashlib.sha256(bytes([number])).digest() for number in range(60)]
POINT = Checkpoint(ORIGIN, 20, merkle_root(LEAVES[:20]))

# The example of c2sp.org/tlog-checkpoint.
SPEC_TEXT = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"


def test_the_example_of_the_specification_reads_back() -> None:
    checkpoint = parse_checkpoint(SPEC_TEXT)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert base64.b64encode(checkpoint.root).decode() == SPEC_TEXT.splitlines()[2]
    assert checkpoint_text(checkpoint) == SPEC_TEXT


def test_a_signed_checkpoint_opens_for_its_own_log_only() -> None:
    note = sign_checkpoint(POINT, SIGNER)
    assert open_checkpoint(note, SIGNER.verifier) == POINT
    other = NoteSigner("stem.example/west", SIGNER.seed)
    with pytest.raises(NoteError):
        open_checkpoint(note, other.verifier)
    with pytest.raises(NoteError, match="does not sign for"):
        sign_checkpoint(POINT, other)
    with pytest.raises(NoteError, match="a checkpoint of stem"):
        open_checkpoint(sign_note(checkpoint_text(POINT), other), other.verifier)


@pytest.mark.parametrize(
    "text",
    [
        "",
        SPEC_TEXT[:-1],
        SPEC_TEXT + "an extension\n",
        SPEC_TEXT.replace("20852163", "020852163"),
        SPEC_TEXT.replace("20852163", "-1"),
        SPEC_TEXT.replace("20852163", "٢"),
        SPEC_TEXT.replace("20852163", "9" * 30),
        SPEC_TEXT.replace("I=", "J="),
        SPEC_TEXT.replace("CsUY", ""),
        SPEC_TEXT.replace("example.com/behind-the-sofa", ""),
    ],
)
def test_a_malformed_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        parse_checkpoint(text)


def test_the_first_checkpoint_may_be_of_anything() -> None:
    assert next_checkpoint(None, [], origin=ORIGIN) == Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    assert next_checkpoint(None, LEAVES[:20], origin=ORIGIN) == POINT


@given(st.integers(0, 60), st.integers(0, 60))
def test_a_log_only_grows(old: int, new: int) -> None:
    last = next_checkpoint(None, LEAVES[:old], origin=ORIGIN)
    if new >= old:
        point = next_checkpoint(last, LEAVES[:new], origin=ORIGIN)
        assert point == Checkpoint(ORIGIN, new, merkle_root(LEAVES[:new]))
        check_growth(last, point, consistency_proof(LEAVES[:new], old))
    else:
        with pytest.raises(LogForkError, match="went back"):
            next_checkpoint(last, LEAVES[:new], origin=ORIGIN)
        with pytest.raises(LogForkError, match="no proof"):
            check_growth(last, next_checkpoint(None, LEAVES[:new], origin=ORIGIN), [])


@pytest.mark.parametrize("place", [0, 7, 19])
def test_a_rewritten_log_gets_no_checkpoint_and_has_no_proof(place: int) -> None:
    rewritten = [*LEAVES[:place], bytes(32), *LEAVES[place + 1 :]]
    with pytest.raises(LogForkError, match="changed"):
        next_checkpoint(POINT, rewritten, origin=ORIGIN)
    fork = next_checkpoint(None, rewritten, origin=ORIGIN)
    with pytest.raises(LogForkError, match="no proof"):
        check_growth(POINT, fork, consistency_proof(rewritten, 20))


def test_checkpoints_of_two_logs_are_never_compared() -> None:
    with pytest.raises(LogForkError):
        next_checkpoint(POINT, LEAVES, origin="stem.example/west")
    with pytest.raises(LogForkError, match="two logs"):
        check_growth(POINT, Checkpoint("stem.example/west", 20, POINT.root), [])


def test_the_registry_root_is_of_the_sorted_commitments() -> None:
    commitments = sorted(LEAVES)
    assert registry_root(commitments) == merkle_root(commitments)
    for wrong in (commitments[::-1], [commitments[0], *commitments]):
        with pytest.raises(ValueError, match="ascending"):
            registry_root(wrong)
