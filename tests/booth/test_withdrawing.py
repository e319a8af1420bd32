"""Two people take a plan off the open ballot: no new ballot with it comes in, and everyone reads why."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.acts import ANYONE
from buurtbegroot.areas.models import Area
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.booth.actions.casting import cast_ballot
from buurtbegroot.booth.actions.opening import WithdrawFault, request_withdrawal, withdraw_plan
from buurtbegroot.box.actions.sealing import tell_withdrawn
from buurtbegroot.box.domain.ballots import BallotFault, Form
from buurtbegroot.box.events import PlanWithdrawn
from buurtbegroot.dual_control.actions import DualFault
from buurtbegroot.proposals.models import Proposal
from tests.factories import PROGRAM
from tests.factories.dual_control import seen_on
from tests.factories.rounds import budget_rules
from tests.factories.tally import Vote, open_vote
from tests.factories.voting import form
from tests.pages import Browser
from tests.refusals import refused

REASON = "De grond is niet te koop."


@pytest.fixture
def vote(session: Session, areas: dict[str, Area], now: datetime, tmp_path: Path) -> Vote:
    return open_vote(session, tmp_path, areas=areas, now=now, voters=4)


def ask(vote: Vote, plan: Proposal, reason: str = REASON) -> str:
    first, how = vote.people[0], {"keys": vote.keys, "now": vote.now}
    return request_withdrawal(vote.session, plan, reason=reason, by=first, **how).fingerprint  # type: ignore[arg-type]


def withdraw(vote: Vote, plan: Proposal) -> None:
    seen = ask(vote, plan)
    withdraw_plan(vote.session, plan, seen=seen, keys=vote.keys, by=vote.people[1], now=vote.now)
    vote.session.commit()


def cast(vote: Vote, sent: Form, *plans: Proposal) -> bytes:
    chosen, moment = [plan.id for plan in plans], vote.now
    how = {"round_id": vote.round.id, "keys": vote.keys, "by": ANYONE, "now": moment}
    return cast_ballot(vote.session, k=vote.voters[0], choices=chosen, form=sent, **how).receipt.leaf  # type: ignore[arg-type]


def told(vote: Vote) -> list[str]:
    rows = select(AuditEntry).where(AuditEntry.action == PlanWithdrawn.name).order_by(AuditEntry.seq)
    return [entry.details.payload["reason"] for entry in vote.session.scalars(rows) if entry.details]


def test_it_takes_two_people_and_a_reason(vote: Vote) -> None:
    plan = vote.plans[0]
    with refused(WithdrawFault.NO_REASON):
        ask(vote, plan, reason=" ")
    seen = ask(vote, plan)
    with refused(DualFault.SAME_PERSON):
        withdraw_plan(vote.session, plan, seen=seen, keys=vote.keys, by=vote.people[0], now=vote.now)
    assert vote.keys.anchors(vote.round.id).withdrawn == {}
    withdraw_plan(vote.session, plan, seen=seen, keys=vote.keys, by=vote.people[1], now=vote.now)
    assert vote.keys.anchors(vote.round.id).withdrawn == {plan.id: REASON}
    assert told(vote) == [REASON]
    with refused(WithdrawFault.ALREADY):
        ask(vote, plan)


def test_as_long_as_a_valid_ballot_can_be_filled_in(
    session: Session, areas: dict[str, Area], now: datetime, tmp_path: Path
) -> None:
    rules = budget_rules(100_000, min_choices=2)
    vote = open_vote(session, tmp_path, areas=areas, now=now, rules=rules, costs=(30_000, 30_000, 30_000))
    seen = ask(vote, vote.plans[1])
    withdraw(vote, vote.plans[0])
    with refused(WithdrawFault.TOO_FEW):
        ask(vote, vote.plans[2])
    with refused(WithdrawFault.TOO_FEW):
        withdraw_plan(vote.session, vote.plans[1], seen=seen, keys=vote.keys, by=vote.people[1], now=vote.now)


def test_not_once_the_box_is_shut(vote: Vote) -> None:
    vote.cast_all([[0]]).close()
    with refused(WithdrawFault.SHUT):
        ask(vote, vote.plans[0])


def test_no_new_ballot_with_it_comes_in_and_one_that_came_in_keeps_its_receipt(vote: Vote) -> None:
    gone, other, _rest = vote.plans
    sent = form()
    leaf = cast(vote, sent, gone)
    vote.session.commit()
    withdraw(vote, gone)
    assert cast(vote, sent, gone) == leaf, "the same form again, after an answer that got lost"
    for again in (form(), form(1), Form(sent.value)):
        with refused(BallotFault.INVALID):
            cast(vote, again, gone, other)
    assert cast(vote, form(1), other) != leaf


def test_what_could_not_be_committed_is_told_later_and_only_once(vote: Vote) -> None:
    seen = ask(vote, vote.plans[0])
    vote.session.commit()
    withdraw_plan(vote.session, vote.plans[0], seen=seen, keys=vote.keys, by=vote.people[1], now=vote.now)
    vote.session.rollback()
    assert (told(vote), list(vote.keys.anchors(vote.round.id).withdrawn)) == ([], [vote.plans[0].id])
    for _ in range(2):
        tell_withdrawn(vote.session, vote.round, keys=vote.keys, by=PROGRAM, now=vote.now)
    assert told(vote) == [REASON]


def test_confirmed_again_after_a_rollback_it_is_said_once(vote: Vote) -> None:
    seen = ask(vote, vote.plans[0])
    vote.session.commit()
    for end in (vote.session.rollback, vote.session.commit):
        withdraw_plan(vote.session, vote.plans[0], seen=seen, keys=vote.keys, by=vote.people[1], now=vote.now)
        end()
    assert len(vote.keys.anchors(vote.round.id).all("withdrawn")) == 1
    assert told(vote) == [REASON]
    vote.cast_all([[1]]).close()
    assert told(vote) == [REASON]


def test_the_page_on_which_two_people_do_it(
    vote: Vote, signed_in: Callable[[User], Browser], app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "KEY_DIRECTORY", str(tmp_path / "keys"))
    (first, second), plan = vote.people, vote.plans[0]
    where: dict[str, Any] = {"slug": vote.round.slug, "number": plan.number}
    page = "booth_organiser.withdrawal"
    path = f"/werkplek/rondes/{vote.round.slug}/plannen/{plan.number}/van-het-stembiljet"
    dossier = signed_in(first).get("proposals_organiser.dossier", **where)
    assert dossier.find(f".//a[@href='{path}']")
    empty = signed_in(first).post("booth_organiser.ask_withdrawal", {"reden": ""}, status=422, **where)
    assert "Schrijf waarom. Iedereen kan dat lezen." in empty.text
    signed_in(first).post("booth_organiser.ask_withdrawal", {"reden": "Te duur"}, **where)
    assert "U kunt dat niet zelf doen." in signed_in(first).get(page, **where).text
    assert "Te duur" in signed_in(second).get(page, **where).text
    signed_in(second).post("booth_organiser.turn_down_withdrawal", {"reden": "Dat is geen reden."}, **where)
    assert "wees de vorige aanvraag af: Dat is geen reden." in signed_in(first).get(page, **where).text
    signed_in(first).post("booth_organiser.ask_withdrawal", {"reden": REASON}, **where)
    assert "Wacht op u:" in signed_in(second).get("rounds_organiser.basics", slug=vote.round.slug).text
    shown = signed_in(second).get(page, **where)
    sent = seen_on(shown)
    unseen = signed_in(second).post("booth_organiser.confirm_withdrawal", sent, status=422, **where)
    assert "Kijk eerst het plan en de reden na." in unseen.text
    assert vote.keys.anchors(vote.round.id).withdrawn == {}
    signed_in(second).post("booth_organiser.confirm_withdrawal", sent | {"nagekeken": "y"}, **where)
    assert vote.keys.anchors(vote.round.id).withdrawn == {plan.id: REASON}
    assert "kan niet meer winnen" in signed_in(first).get(page, **where).text
