"""Whether one can vote now is said once, for pages, lists and the ballot box alike."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from buurtbegroot.booth.queries import open_rounds, voting_round
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.models import Booth
from buurtbegroot.box.queries import open_box
from buurtbegroot.core.phases import Phase
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import round_by_slug, standing_of


def answers(session: Session, round_: Round, now: datetime) -> set[bool]:
    """Ask all who may say so."""
    session.expire_all()
    found = round_by_slug(session, round_.slug)
    listed = voting_round(session, round_.slug)
    assert found is not None
    return {
        standing_of(found, now).takes_votes,
        open_box(session, found.id, now, keys=KeyStore("nowhere")) is not None,
        found in open_rounds(session, now),
        listed is not None and listed.standing(now).takes_votes,
    }


@pytest.fixture
def half_open(session: Session, round_: Round, now: datetime) -> Round:
    """A round with a booth whose vote is open, though nothing of it is frozen yet."""
    session.add(Booth(round_id=round_.id, salt=bytes(16), sealing_public=bytes(32), signing_public=bytes(32)))
    round_.opened_at = now
    session.flush()
    return round_


def test_all_agree(session: Session, half_open: Round, now: datetime) -> None:
    assert answers(session, half_open, now) == {True}
    window = next(each for each in half_open.windows if each.phase is Phase.VOTING)
    assert answers(session, half_open, window.ends_at) == {False}


@pytest.mark.parametrize("column", ["published_at", "opened_at"])
def test_nobody_votes_in_what_is_not_public_or_not_opened(
    session: Session, half_open: Round, now: datetime, column: str
) -> None:
    setattr(half_open, column, None)
    session.flush()
    assert answers(session, half_open, now) == {False}
