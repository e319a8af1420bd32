"""A round that can be opened, and three organisers of its stadsdeel."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role, User
from buurtbegroot.areas.models import Area
from buurtbegroot.core.phases import Phase
from buurtbegroot.proposals.models import Proposal, ProposalStatus
from buurtbegroot.rounds.models import Round
from tests.factories.accounts import person
from tests.factories.akkoord import small_accord
from tests.factories.proposals import plan
from tests.factories.rounds import budget_rules, round_in

BUDGET = 10_000_000


@pytest.fixture
def round_(session: Session, areas: dict[str, Area], now: datetime) -> Round:
    """A round in which checking the plans has ended; voting began a moment ago."""
    found = round_in(session, Phase.VOTING, areas=areas, now=now, rules=budget_rules(BUDGET))
    found.pots[0].cents = BUDGET
    found.points = small_accord(session)
    session.flush()
    return found


@pytest.fixture
def plans(session: Session, round_: Round, now: datetime) -> list[Proposal]:
    """Three plans on the ballot and one that was refused."""
    found = [plan(session, round_, now=now, cents=cents) for cents in (1_000_000, 2_000_000, 3_000_000)]
    return [*found, plan(session, round_, now=now, status=ProposalStatus.REFUSED)]


@pytest.fixture
def people(session: Session, areas: dict[str, Area]) -> list[User]:
    return [person(session, Role.COORDINATOR, "E") for _ in range(3)]
