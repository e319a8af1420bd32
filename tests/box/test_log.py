"""The public log: batches of at least 25 in random order, signed only when stored."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.acts import ANYONE
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.booth.actions.casting import cast_ballot
from buurtbegroot.box.actions.log import flush_log, sign_log
from buurtbegroot.box.models import Checkpoint
from buurtbegroot.box.queries import log_leaves
from buurtbegroot.core.merkle import merkle_root
from buurtbegroot.core.transparency_log import open_checkpoint
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.rounds.models import Round
from tests.factories import PROGRAM
from tests.factories.voting import OpenVote, nonce, open_vote_in


@pytest.fixture
def vote(session: Session, round_: Round, plans: list[Proposal], now: datetime, tmp_path: object) -> OpenVote:
    return open_vote_in(session, round_, folder=tmp_path / "keys", now=now, codes=60)  # type: ignore[operator]


def cast(session: Session, vote: OpenVote, plans: list[Proposal], numbers: range, now: datetime) -> list[bytes]:
    about: dict[str, Any] = {"round_id": vote.round.id, "keys": vote.keys, "now": now, "choices": [plans[0].id]}
    return [cast_ballot(session, k=vote.k(n), nonce=nonce(), by=ANYONE, **about).receipt.leaf for n in numbers]


def test_less_than_a_batch_waits(session: Session, vote: OpenVote, plans: list[Proposal], now: datetime) -> None:
    cast(session, vote, plans, range(24), now)
    assert flush_log(session, vote.round, by=PROGRAM, now=now) == 0
    cast(session, vote, plans, range(24, 25), now)
    assert flush_log(session, vote.round, by=PROGRAM, now=now) == 25
    assert flush_log(session, vote.round, by=PROGRAM, now=now) == 0


def test_closing_flushes_whatever_there_is(
    session: Session, vote: OpenVote, plans: list[Proposal], now: datetime
) -> None:
    [leaf] = cast(session, vote, plans, range(1), now)
    assert flush_log(session, vote.round, by=PROGRAM, now=now, force=True) == 1
    assert log_leaves(session, vote.round.id) == [leaf]
    assert flush_log(session, vote.round, by=PROGRAM, now=now, force=True) == 0


def test_a_batch_is_shuffled_and_complete(
    session: Session, vote: OpenVote, plans: list[Proposal], now: datetime
) -> None:
    leaves = cast(session, vote, plans, range(60), now)
    flush_log(session, vote.round, by=PROGRAM, now=now)
    logged = list(log_leaves(session, vote.round.id))
    assert sorted(logged) == sorted(leaves)
    assert logged != leaves
    assert logged != sorted(leaves)


def test_a_replaced_leaf_is_published_once(
    session: Session, vote: OpenVote, plans: list[Proposal], now: datetime
) -> None:
    first = cast(session, vote, plans, range(30), now)
    flush_log(session, vote.round, by=PROGRAM, now=now)
    again = cast(session, vote, plans, range(30), now)
    again += cast(session, vote, plans, range(30), now)
    assert flush_log(session, vote.round, by=PROGRAM, now=now) == 60
    assert sorted(log_leaves(session, vote.round.id)) == sorted(first + again)


def test_checkpoints_agree_with_the_log(session: Session, vote: OpenVote, plans: list[Proposal], now: datetime) -> None:
    for start in (0, 30):
        cast(session, vote, plans, range(start, start + 30), now)
        flush_log(session, vote.round, by=PROGRAM, now=now)
        sign_log(session, vote.round, keys=vote.keys, by=PROGRAM, now=now)
    leaves = log_leaves(session, vote.round.id)
    verifier = vote.keys.load(vote.round.id).log_verifier
    rows = session.scalars(select(Checkpoint).order_by(Checkpoint.size)).all()
    assert [row.size for row in rows] == [0, 30, 60]
    for row in rows:
        assert open_checkpoint(row.note, verifier).root == row.root == merkle_root(leaves[: row.size])


def test_a_flush_that_was_undone_can_be_done_again(
    session: Session, vote: OpenVote, plans: list[Proposal], now: datetime
) -> None:
    cast(session, vote, plans, range(30), now)
    session.commit()
    flush_log(session, vote.round, by=PROGRAM, now=now)
    session.rollback()
    flush_log(session, vote.round, by=PROGRAM, now=now)
    assert sign_log(session, vote.round, keys=vote.keys, by=PROGRAM, now=now).size == 30


def test_each_batch_is_one_line_in_the_public_log(
    session: Session, vote: OpenVote, plans: list[Proposal], now: datetime
) -> None:
    cast(session, vote, plans, range(30), now)
    before = len(session.scalars(select(AuditEntry.seq)).all())
    flush_log(session, vote.round, by=PROGRAM, now=now)
    added = session.scalars(select(AuditEntry.action).order_by(AuditEntry.seq).offset(before)).all()
    assert added == ["voting.leaves_published"]
