"""A maker reads what became of each plan: on the ballot or not, won or not, refused or withdrawn, and why."""

from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from buurtbegroot.areas.models import Area
from buurtbegroot.booth.actions.opening import request_withdrawal, withdraw_plan
from buurtbegroot.core.phases import Phase
from buurtbegroot.proposals.models import Decision, OffBallot, PlanState, ProposalStatus
from buurtbegroot.proposals.words.page import became
from tests.factories.accounts import person
from tests.factories.guards import unguarded
from tests.factories.proposals import plan
from tests.factories.rounds import WEEK, round_in
from tests.factories.tally import open_vote
from tests.pages import SignIn

CONCEPT, SUBMITTED, ADMITTED = ProposalStatus.CONCEPT, ProposalStatus.SUBMITTED, ProposalStatus.ADMITTED


@pytest.mark.parametrize(
    ("state", "phase", "is_open", "said"),
    [
        (CONCEPT, Phase.SUBMISSION, False, "Nog niet ingediend. Dat kan tot woensdag 25 november 2026, 00.00 uur."),
        (CONCEPT, Phase.COCREATION, False, "Niet ingediend. De tijd om in te dienen is voorbij."),
        (SUBMITTED, Phase.FEASIBILITY, False, "Er is nog niet over besloten."),
        (SUBMITTED, Phase.REALISATION, False, "Er is nooit over besloten."),
        (ADMITTED, Phase.FEASIBILITY, False, "Het kan op het stembiljet. De stembus is nog niet open."),
        (ADMITTED, Phase.VOTING, True, "Stemmen kan tot woensdag 25 november 2026, 00.00 uur."),
        (ADMITTED, Phase.COUNTING, True, "De uitslag is nog niet bekend."),
        (ADMITTED, Phase.COUNTING, False, "Het kon op het stembiljet, maar er is niet gestemd."),
        (ProposalStatus.WITHDRAWN, Phase.COCREATION, False, "U trok het in op zaterdag 21 november 2026."),
        (ProposalStatus.REFUSED, Phase.FEASIBILITY, False, "De reden: De stoep is te smal."),
        (OffBallot.WITHDRAWN, Phase.VOTING, True, "De reden: De muur is weg."),
    ],
)
def test_each_state_says_what_became_of_it(
    session: Session,
    areas: dict[str, Area],
    now: datetime,
    state: PlanState,
    phase: Phase,
    is_open: bool,
    said: str,
) -> None:
    round_ = round_in(session, phase, areas=areas, now=now)
    found = plan(session, round_, now=now, status=ProposalStatus(state) if state in set(ProposalStatus) else ADMITTED)
    found.decisions = [Decision(admitted=False, reason="De stoep is te smal.", decided_at=now)]
    round_.opened_at = now - 2 * WEEK if is_open else None
    off = "De muur is weg." if state is OffBallot.WITHDRAWN else ""
    assert became(found, state, now, off_because=off).replace("\u00a0", " ") == said


def test_a_concept_of_a_round_to_come_waits(session: Session, areas: dict[str, Area], now: datetime) -> None:
    round_ = round_in(session, Phase.SUBMISSION, areas=areas, now=now)
    assert became(plan(session, round_, now=now, status=CONCEPT), CONCEPT, now - WEEK).endswith("Dat kan nu nog niet.")


def test_the_page_says_why_plans_won_and_lost_and_why_one_left_the_ballot(
    app: Flask,
    session: Session,
    signed_in: SignIn,
    areas: dict[str, Area],
    now: datetime,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(app.config, "KEY_DIRECTORY", str(tmp_path / "keys"))
    vote, maker = open_vote(session, tmp_path, areas=areas, now=now), person(session)
    with unguarded(session):
        for each in vote.plans:
            each.author = maker
    vote.cast_all([[0], [0], [1]])
    first, second = vote.people
    asked = request_withdrawal(session, vote.plans[2], reason="De muur is weg.", keys=vote.keys, by=first, now=now)
    withdraw_plan(session, vote.plans[2], seen=asked.fingerprint, by=second, keys=vote.keys, now=now)
    session.commit()
    browser = signed_in(maker)
    assert "De reden: De muur is weg." in browser.get("proposals.mine").text
    vote.close().open().count()
    assert "Plaats 1 van" not in browser.get("proposals.mine").text, "nothing of a count before it is certified"
    vote.certify()
    page = browser.get("proposals.mine").text.replace("\u00a0", " ")
    assert "Plaats 1 van 2, met 2 stemmen." in page
    assert "Plaats 2 van 2, met 1 stemmen." in page
    assert "€ 100 te veel" in page
