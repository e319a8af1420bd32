"""How many codes may be made, and when."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role
from buurtbegroot.acts import RefusedError
from buurtbegroot.box.actions.sealing import prepare_booth
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.registry.actions import issuing
from buurtbegroot.registry.actions.issuing import IssueFault, issue_codes
from buurtbegroot.registry.models import RegisteredCode
from buurtbegroot.rounds.models import Round
from tests.factories import PROGRAM
from tests.factories.accounts import person
from tests.factories.voting import OpenVote, cheap_key


@pytest.fixture
def prepared(session: Session, round_: Round, tmp_path: Path) -> Round:
    prepare_booth(session, round_, keys=KeyStore(tmp_path, site="localhost"), by=PROGRAM)
    return round_


def issue(session: Session, round_: Round, now: datetime, *, count: int, spares: int) -> list[str]:
    by = person(session, Role.COORDINATOR, "E")
    return issue_codes(session, round_, count=count, spares=spares, by=by, now=now, derive=cheap_key)


def test_a_booth_comes_before_its_codes(session: Session, round_: Round, now: datetime) -> None:
    with pytest.raises(RefusedError) as refused:
        issue(session, round_, now, count=1, spares=0)
    assert refused.value.fault is IssueFault.NO_BOOTH


@pytest.mark.parametrize(("count", "spares"), [(0, 0), (0, 2), (2, -1), (4, 1)])
def test_numbers_that_cannot_be_make_no_codes(
    session: Session, prepared: Round, now: datetime, monkeypatch: pytest.MonkeyPatch, count: int, spares: int
) -> None:
    monkeypatch.setattr(issuing, "MOST_CODES", 4)
    with pytest.raises(RefusedError) as refused:
        issue(session, prepared, now, count=count, spares=spares)
    assert refused.value.fault is IssueFault.NUMBER
    assert session.scalar(select(func.count()).select_from(RegisteredCode)) == 0
    assert len(issue(session, prepared, now, count=3, spares=1)) == 4, "as many as there may be"


@pytest.mark.usefixtures("plans")
def test_an_open_vote_gets_no_more_codes(session: Session, vote: OpenVote, now: datetime) -> None:
    with pytest.raises(RefusedError) as refused:
        issue(session, vote.round, now, count=1, spares=0)
    assert refused.value.fault is IssueFault.ALREADY_OPEN
