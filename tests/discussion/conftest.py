"""A plan that people talk about, and how they do."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.core.phases import Phase
from buurtbegroot.discussion.actions import Remark, answer, contribute
from buurtbegroot.discussion.models import Contribution
from buurtbegroot.discussion.models.threads import About, Stance
from buurtbegroot.proposals.models import Proposal, ProposalStatus
from tests.factories.accounts import person
from tests.factories.proposals import plan
from tests.factories.rounds import round_in

Say = Callable[..., Contribution]


@pytest.fixture
def discussed(session: Session, areas: Any, now: datetime) -> Proposal:
    """A plan in a round in which people co-create."""
    round_ = round_in(session, Phase.COCREATION, areas=areas, now=now)
    found = plan(session, round_, now=now, status=ProposalStatus.SUBMITTED, author=person(session))
    session.commit()
    return found


@pytest.fixture
def say(session: Session, discussed: Proposal, now: datetime) -> Say:
    """Return what lets somebody say something of that plan, or answer; by a new resident unless told."""

    def said(
        body: str = "Iets.", *, stance: Stance = Stance.FOR, by: User | None = None, to: Contribution | None = None
    ) -> Contribution:
        by = by or person(session)
        if to is not None:
            found = answer(session, to, Remark(body=body, author_name=by.name), by=by, now=now)
        else:
            remark = Remark(body=body, author_name=by.name, stance=stance)
            found = contribute(session, About(discussed.round, discussed), remark, by=by, now=now)
        session.commit()
        return found

    return said
