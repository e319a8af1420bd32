"""What counts follows from the set of envelopes: whoever adds, copies or moves rows only takes away."""

from itertools import count

from hypothesis import given
from hypothesis import strategies as st
from nacl.public import PrivateKey

from buurtbegroot.core.credentials import commitment, nullifier
from buurtbegroot.core.envelope import (
    CastContext,
    Stranger,
    cast_material,
    generate_sealing_keys,
    open_envelope,
    seal,
)
from buurtbegroot.core.opening import Opened, Opener, Refusal, Register, Signed, settle
from buurtbegroot.core.signatures import public_key

ROUND, MANIFEST, SEED, LINK = b"7", bytes(32), bytes(range(32)), bytes(range(1, 33))
SEALING = generate_sealing_keys()
CONTEXT = CastContext(
    round_id=ROUND, manifest=MANIFEST, epoch=0, capacity=60, sealing_key=SEALING.public, link_key=LINK,
    signing_seed=SEED,
)  # fmt: skip
OPENER = Opener(round_id=ROUND, manifest=MANIFEST, signer=public_key(SEED), secret=SEALING.secret)
VOTERS = [bytes([number]) * 32 for number in range(6)]
CODES = [commitment(ROUND, nullifier(k)) for k in VOTERS]
_forms = count()


def sealed(voter: int, choices: bytes = b"[1]", rev: int = 1) -> bytes:
    form = next(_forms).to_bytes(16, "big")
    return cast_material(VOTERS[voter], choices, rev, form=form, context=CONTEXT).sealed


def opened(*envelopes: bytes, codes: list[bytes] = CODES, voids: tuple[bytes, ...] = ()) -> Opened:
    register = Register(round_id=ROUND, codes=codes, voids=voids, is_legal=lambda choices: choices != b"[9]")
    return settle(OPENER.look(envelopes), register)


def chosen(found: Opened) -> list[bytes]:
    return sorted(ballot.choices for ballot in found.ballots)


def assert_whole(found: Opened) -> None:
    """Each signed leaf stands in exactly one list, and there are as many nullifiers as ballots."""
    assert len(found.nullifiers) == len(set(found.nullifiers)) == len(found.ballots)
    others = [*found.superseded, *(leaf for leaf, _ in found.refused)]
    assert len(found.leaves) == len(found.ballots) + len(others)
    assert set(others) <= set(found.leaves)
    assert len(set(others)) == len(others)


def test_the_last_ballot_of_each_code_counts() -> None:
    rows = [sealed(0, b"[1]"), sealed(0, b"[2]", rev=2), sealed(1, b"[3]")]
    found = opened(*rows)
    assert chosen(found) == [b"[2]", b"[3]"]
    assert len(found.superseded) == 1
    assert found == opened(*reversed(rows))
    assert_whole(found)


def test_void_unknown_and_illegal_ballots_are_accounted_for() -> None:
    rows = [sealed(0), sealed(1, b"[9]"), sealed(2), sealed(3, b"[4]"), sealed(3, b"[9]", rev=2)]
    found = opened(*rows, codes=CODES[:2] + CODES[3:], voids=(CODES[0],))
    assert chosen(found) == []
    assert len(found.superseded) == 2
    assert sorted(reason for _, reason in found.refused) == [Refusal.ILLEGAL, Refusal.ILLEGAL, Refusal.UNREGISTERED]
    assert_whole(found)


def test_copies_and_forgeries_are_strangers_and_change_nothing() -> None:
    rows = [sealed(0, b"[1]"), sealed(1, b"[2]")]
    own = open_envelope(rows[0], PrivateKey(SEALING.secret), round_id=ROUND, manifest=MANIFEST, signer=public_key(SEED))
    again = seal(own, capacity=60, sealing_key=SEALING.public)
    forged = seal(own._replace(choices=b"[2]"), capacity=60, sealing_key=SEALING.public)
    odd = seal(own._replace(nullifier=nullifier(VOTERS[5])), capacity=60, sealing_key=SEALING.public)
    honest, found = opened(*rows), opened(*rows, again, forged, b"", b"x" * 200)
    assert (found.ballots, found.nullifiers, found.leaves) == (honest.ballots, honest.nullifiers, honest.leaves)
    assert found.strangers == {Stranger.UNREADABLE: 2, Stranger.UNSIGNED: 1, Stranger.COPY: 1}
    assert len(opened(*rows, odd).ballots) == 2


def test_two_ballots_of_one_name_are_both_refused() -> None:
    one, other = (
        Signed(nullifier(VOTERS[voter]), 0, 1, bytes([voter]) * 32, bytes(16), bytes(32), b"[1]") for voter in (0, 1)
    )
    found = settle([one, other], Register(round_id=ROUND, codes=CODES, voids=(), is_legal=lambda _: True))
    assert [reason for _, reason in found.refused] == [Refusal.TRACKER_TWICE] * 2
    assert_whole(found)


signed = st.builds(
    Signed,
    nullifier=st.sampled_from([nullifier(k) for k in VOTERS]),
    epoch=st.integers(0, 2),
    rev=st.integers(1, 3),
    leaf=st.integers(0, 40).map(lambda number: bytes([number]) * 32),
    tracker=st.integers(0, 200).map(lambda number: bytes([number]) * 16),
    blind=st.just(bytes(32)),
    choices=st.sampled_from([b"[1]", b"[2]", b"[9]"]),
)
looks = st.lists(st.one_of(signed, st.sampled_from(list(Stranger))), max_size=30)


@given(looks, st.randoms())
def test_every_envelope_is_accounted_for_in_whatever_order(found: list[Signed | Stranger], order: object) -> None:
    register = Register(round_id=ROUND, codes=CODES[:5], voids=CODES[4:5], is_legal=lambda choices: choices != b"[9]")
    outcome = settle(found, register)
    assert_whole(outcome)
    assert len(outcome.leaves) + sum(outcome.strangers.values()) == len(found)
    order.shuffle(found)  # type: ignore[attr-defined]
    assert settle(found, register) == outcome
