"""The order of plans that is a visitor's own is the same in Python as in either database."""

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.proposals.models import Proposal
from buurtbegroot.proposals.queries.listing import PRIME, SHUFFLED, shuffle_keys, shuffled
from buurtbegroot.rounds.models import Round
from tests.factories.proposals import plan


@pytest.mark.parametrize("seed", [1, 2, 123_456_789, PRIME - 1])
def test_python_and_the_database_give_the_same_keys(session: Session, round_: Round, now: datetime, seed: int) -> None:
    large = plan(session, round_, now=now)
    large.id = 900_000_007
    for _ in range(5):
        plan(session, round_, now=now)
    rows = session.execute(select(Proposal.id, SHUFFLED.label("key")), shuffle_keys(seed))
    keys = {row.id: row.key for row in rows}
    assert len(keys) == 6
    assert keys == {plan_id: shuffled(seed)(plan_id) for plan_id in keys}
