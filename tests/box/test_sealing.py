"""Night seals: every night one, also when nobody voted, and whatever breaks off comes into the log later."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.acts import ANYONE
from buurtbegroot.audit.models import AuditEntry, AuditPayload
from buurtbegroot.booth.actions.casting import cast_ballot
from buurtbegroot.box.actions.sealing import seal_box
from buurtbegroot.box.domain.anchors import KeysFault
from buurtbegroot.box.domain.published import night_of, read_nights
from buurtbegroot.box.queries import envelopes_in
from buurtbegroot.box.tasks import seal_due
from buurtbegroot.core.box_file import fingerprint
from buurtbegroot.core.seals import broken_seals
from buurtbegroot.extensions import db
from buurtbegroot.proposals.models import Proposal
from tests.conftest import NOW, Clock
from tests.factories import PROGRAM
from tests.factories.voting import OpenVote, form
from tests.refusals import refused


def told(session: Session) -> list[bytes]:
    """Return the seals that the log tells of, the oldest first."""
    rows = select(AuditPayload.payload).join(AuditEntry, AuditEntry.seq == AuditPayload.seq)
    sealed = session.scalars(rows.where(AuditEntry.action == "voting.sealed").order_by(AuditEntry.seq))
    return [bytes.fromhex(payload["seal"]) for payload in sealed]


def cast(session: Session, vote: OpenVote, plan: Proposal, *, number: int) -> None:
    about = {"round_id": vote.round.id, "keys": vote.keys, "by": ANYONE, "now": NOW}
    cast_ballot(session, k=vote.k(number), choices=[plan.id], form=form(), **about)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("moment", "night"),
    [("2026-11-21T02:59:59+00:00", "2026-11-20"), ("2026-11-21T03:00:00+00:00", "2026-11-21")],
)
def test_a_day_begins_at_four_in_the_night_in_amsterdam(moment: str, night: str) -> None:
    assert night_of(datetime.fromisoformat(moment)).isoformat() == night


def test_every_night_binds_what_is_new(session: Session, vote: OpenVote, plans: list[Proposal], now: datetime) -> None:
    folder, night = vote.keys.folder(vote.round.id), night_of(now)
    for number, days in ((0, 0), (1, 1), (None, 2)):
        if number is not None:
            cast(session, vote, plans[number], number=number)
        for _ in range(2):
            seal_box(session, vote.round, night=night + timedelta(days), keys=vote.keys, by=PROGRAM, now=now)
    found = read_nights(folder)
    assert [seal.size for seal in found.list.seals] == [1, 2, 2]
    assert broken_seals(found.list, told(session)) == []
    assert set(found.list.envelopes) == set(map(fingerprint, envelopes_in(session, vote.round.id)))
    assert [line["seal"] for line in vote.keys.anchors(vote.round.id).all("sealed")] == [
        seal.hex() for seal in told(session)
    ]
    assert len(set(told(session))) == 3, "the same box has another seal each night"


def test_a_seal_that_was_not_committed_comes_into_the_log_later(
    session: Session, vote: OpenVote, now: datetime
) -> None:
    session.commit()
    night = night_of(now)
    seal_box(session, vote.round, night=night, keys=vote.keys, by=PROGRAM, now=now)
    session.rollback()
    assert told(session) == []
    seal_box(session, vote.round, night=night + timedelta(1), keys=vote.keys, by=PROGRAM, now=now)
    assert broken_seals(read_nights(vote.keys.folder(vote.round.id)).list, told(session)) == []
    assert len(told(session)) == 2


def test_a_log_that_tells_of_more_seals_than_there_are_is_refused(
    session: Session, vote: OpenVote, now: datetime
) -> None:
    seal_box(session, vote.round, night=night_of(now), keys=vote.keys, by=PROGRAM, now=now)
    vote.keys.folder(vote.round.id).seals.unlink()
    with refused(KeysFault.DIFFERS):
        seal_box(session, vote.round, night=night_of(now), keys=vote.keys, by=PROGRAM, now=now)


def test_where_the_files_of_a_vote_are_not_nothing_is_sealed_or_made(
    session: Session, vote: OpenVote, now: datetime
) -> None:
    folder = vote.keys.folder(vote.round.id).path
    folder.rename(folder.with_name("elsewhere"))
    with refused(KeysFault.NO_KEYS):
        seal_box(session, vote.round, night=night_of(now), keys=vote.keys, by=PROGRAM, now=now)
    assert not folder.exists()


def test_the_worker_seals_once_a_night(
    own_app: Callable[..., Flask], own_vote: Callable[..., OpenVote], clock: Clock
) -> None:
    app = own_app(CLOCK=clock)
    with app.app_context():
        vote = own_vote()
        sealed = []
        for hours in (0, 10, 20, 21, 45):
            clock.now = NOW + timedelta(hours=hours)
            sealed.append(seal_due(PROGRAM))
        assert sealed == [0, 0, 1, 0, 1]
        vote.keys.folder(vote.round.id).seals.unlink()
        clock.now = NOW + timedelta(hours=80)
        with refused(KeysFault.DIFFERS):
            seal_due(PROGRAM)
        assert len(told(db.session())) == 2
