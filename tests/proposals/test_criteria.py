"""The questions of a round are read before anybody can submit, in the words of the dossier, and do not change."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role
from buurtbegroot.areas.models import Area
from buurtbegroot.core.phases import Phase
from buurtbegroot.proposals.models import ProposalStatus
from buurtbegroot.proposals.words import QUESTIONS
from buurtbegroot.rounds.models import Criterion, Round
from tests.factories.accounts import person
from tests.factories.proposals import plan
from tests.factories.rounds import WEEK, round_in
from tests.pages import Browser, Page, SignIn

ASKED = (Criterion.LAW, Criterion.OWNER)


def shown(page: Page, words: dict[Criterion, str]) -> set[Criterion]:
    return {each for each, question in words.items() if question in page.text}


def test_they_are_on_the_page_of_the_round_in_the_form_and_in_the_dossier(
    session: Session, browser: Browser, signed_in: SignIn, areas: dict[str, Area], now: datetime
) -> None:
    round_ = round_in(session, Phase.SUBMISSION, areas=areas, now=now)
    words = {each: str(question) for each, question in QUESTIONS.items()}
    found = plan(session, round_, now=now, status=ProposalStatus.SUBMITTED, author=person(session))
    coordinator = person(session, Role.COORDINATOR, "E")
    session.commit()
    at: dict[str, Any] = {"slug": round_.slug}
    for asked in (tuple(Criterion), ASKED):
        round_.criteria = ",".join(asked)
        session.commit()
        assert shown(browser.get("rounds.show", **at), words) == set(asked)
        assert shown(browser.get("proposals.new", **at), words) == set(asked)
        dossier = signed_in(coordinator).get("proposals_organiser.dossier", number=found.number, **at)
        assert shown(dossier, words) == set(asked)
    session.refresh(round_)
    for window in round_.windows:
        window.begins_at, window.ends_at = window.begins_at + WEEK, window.ends_at + WEEK
    session.commit()
    assert shown(browser.get("rounds.show", **at), words) == set(ASKED), "before submission opens"


def test_a_decision_answers_the_questions_of_the_round_and_no_other(
    session: Session, signed_in: SignIn, areas: dict[str, Area], now: datetime
) -> None:
    round_ = round_in(session, Phase.FEASIBILITY, areas=areas, now=now)
    round_.criteria = ",".join(ASKED)
    found = plan(session, round_, now=now, status=ProposalStatus.SUBMITTED, author=person(session))
    desk = signed_in(person(session, Role.COORDINATOR, "E"))
    session.commit()
    at: dict[str, Any] = {"slug": round_.slug, "number": found.number}
    sent = {"verdict": "toelaten", "cost_cents": "100", "reason": "Het kan.", "law": "yes", "once": "no"}
    assert "Beantwoord deze vraag" in desk.send("proposals_organiser.dossier", sent, status=422, **at).text
    desk.send("proposals_organiser.dossier", sent | {"owner": "adjust"}, **at)
    session.refresh(found)
    assert found.status is ProposalStatus.ADMITTED
    assert found.decisions[-1].answers == {"law": "yes", "owner": "adjust"}


def test_they_are_fixed_once_the_vote_is_opened(session: Session, areas: dict[str, Area], now: datetime) -> None:
    round_ = round_in(session, Phase.VOTING, areas=areas, now=now)
    round_.fingerprint, round_.opened_at = "f" * 64, now
    session.flush()
    with pytest.raises(DBAPIError, match="frozen"), session.begin_nested():
        session.execute(update(Round).values(criteria="law"))


def test_a_round_begins_with_the_start_set(session: Session, areas: dict[str, Area], now: datetime) -> None:
    round_ = round_in(session, Phase.SUBMISSION, areas=areas, now=now)
    assert round_.questions == tuple(Criterion)
    assert QUESTIONS.keys() == set(Criterion)
