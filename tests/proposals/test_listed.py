"""What is remembered of lists of plans is what a new look gives, after each change and for every reader."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buurtbegroot.areas.models import Area
from buurtbegroot.core.phases import Phase
from buurtbegroot.proposals.models import Proposal, ProposalStatus
from buurtbegroot.proposals.models.changes import PlanList
from buurtbegroot.proposals.queries import listing as listed
from buurtbegroot.proposals.queries.listing import Listing, Order, listing
from buurtbegroot.rounds.models import Round
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.pages import QueryCount

Change = Callable[[Proposal, datetime], Any]


def rename(buurt: Area | None, now: datetime) -> None:
    assert buurt is not None
    buurt.name, buurt.changed_at = "Andersbuurt", now


CHANGES: dict[str, Change] = {
    "taken back": lambda plan, _: setattr(plan, "status", ProposalStatus.WITHDRAWN),
    "a concept again": lambda plan, _: setattr(plan, "status", ProposalStatus.CONCEPT),
    "a dearer plan": lambda plan, _: setattr(plan, "cost_cents", 9_000_000),
    "for another buurt": lambda plan, _: setattr(plan, "buurt_code", "EA02"),
    "for the whole area": lambda plan, _: setattr(plan, "buurt_code", None),
    "without a subject": lambda plan, _: setattr(plan, "theme", None),
    "another title": lambda plan, _: setattr(plan, "search", "0"),
    "submitted later": lambda plan, now: setattr(plan, "submitted_at", now + timedelta(days=1)),
    "hidden": lambda plan, now: setattr(plan, "hidden_at", now),
    "another name of the subject": lambda plan, _: setattr(plan.theme, "name", "Anders"),
    "another name of the buurt": lambda plan, now: rename(plan.buurt, now),
}


@pytest.fixture
def plans(session: Session, round_: Round, now: datetime) -> list[Proposal]:
    made = [plan(session, round_, now=now, cents=cents) for cents in (30_000, 10_000, 20_000, 40_000)]
    session.commit()
    return made


def lists(session: Session, round_: Round) -> list[Listing]:
    """Return all that visitors may see: each order and filter, of the round and of all."""
    asked: list[dict[str, str]] = [{"volgorde": order} for order in Order]
    asked += [{"thema": "Anders"}, {"buurt": "EA02"}, {"buurt": "heel"}, {"kosten": "meer"}, {"stand": "alles"}]
    return [
        listing(session, args, seed=5, number=1, size=3, round_id=round_id)
        for args in asked
        for round_id in (round_.id, None)
    ]


def forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_facets_of", "_ordered"):
        monkeypatch.setattr(listed, name, type(getattr(listed, name))(1))


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_list_is_that_of_a_new_look(
    session: Session, round_: Round, plans: list[Proposal], now: datetime, change: Change,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    before = lists(session, round_)
    change(plans[1], now)
    session.flush()
    during = lists(session, round_)
    session.commit()
    after = lists(session, round_)
    forgotten(monkeypatch)
    assert after == lists(session, round_) == during
    assert after != before


def test_what_a_transaction_gives_up_is_not_remembered(session: Session, round_: Round, plans: list[Proposal]) -> None:
    before = lists(session, round_)
    with session.begin_nested() as part:
        plans[0].status = ProposalStatus.WITHDRAWN
        session.flush()
        assert lists(session, round_) != before
        part.rollback()
    session.commit()
    assert lists(session, round_) == before


def test_a_round_that_becomes_public_brings_its_plans(
    session: Session, city: dict[str, Area], plans: list[Proposal], now: datetime
) -> None:
    hidden = round_in(session, Phase.SUBMISSION, areas=city, now=now)
    hidden.published_at = None
    plan(session, hidden, now=now)
    session.commit()
    assert listing(session, {}, seed=1, number=1, size=24).total == len(plans)
    hidden.published_at = now
    session.commit()
    assert listing(session, {}, seed=1, number=1, size=24).total == len(plans) + 1


def test_each_change_gives_a_number_that_never_was(session: Session, round_: Round, plans: list[Proposal]) -> None:
    seen = set()
    for cents in range(1, 6):
        plans[0].cost_cents = cents
        session.commit()
        seen.add(session.scalar(select(PlanList.stamp).where(PlanList.round_id == round_.id)))
    assert len(seen) == 5
    assert session.scalar(select(func.count()).select_from(PlanList)) == 1


@pytest.mark.parametrize(("args", "statements"), [({}, 2), ({"thema": "Anders"}, 1), ({"zoek": "plan"}, 2)])
def test_a_list_that_was_asked_before_takes_few_statements(
    session: Session, round_: Round, plans: list[Proposal], args: dict[str, str], statements: int
) -> None:
    asked = {"seed": 1, "number": 1, "size": 24, "round_id": round_.id}
    listing(session, args, **asked)
    with QueryCount() as queries:
        listing(session, args, **asked)
    assert queries.number == statements, queries.statements


def test_a_page_that_is_not_there_has_no_plans(session: Session, round_: Round, plans: list[Proposal]) -> None:
    far = listing(session, {}, seed=1, number=10**30, size=24, round_id=round_.id)
    assert (list(far.rows), far.total) == ([], len(plans))
