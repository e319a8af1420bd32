"""What a list of plans leaves out and puts first: cost classes to the cent, and which plans look like this one."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from buurtbegroot.areas.models import Area
from buurtbegroot.core.phases import Phase
from buurtbegroot.proposals.domain.drafts import search_text
from buurtbegroot.proposals.models import Proposal, ProposalStatus
from buurtbegroot.proposals.queries import similar_proposals
from buurtbegroot.proposals.queries.listing import COST_CLASSES, listing
from buurtbegroot.rounds.models import Round
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.pages import Browser

EDGES = {  # the dearest plan of each class, in cents: a class holds its whole euros
    "tot-5000": 500_000,
    "tot-15000": 1_500_000,
    "tot-30000": 3_000_000,
}


def classes_with(session: Session, wanted: Proposal) -> set[str]:
    return {
        name
        for name in COST_CLASSES
        if wanted.id in [card.id for card in listing(session, {"kosten": name}, seed=1, number=1, size=24).rows]
    }


@pytest.mark.parametrize(("name", "cents"), EDGES.items())
def test_a_cost_class_ends_at_its_own_amount_and_the_next_begins_a_cent_later(
    session: Session, round_: Round, now: datetime, name: str, cents: int
) -> None:
    after = list(COST_CLASSES)[list(COST_CLASSES).index(name) + 1]
    assert classes_with(session, plan(session, round_, now=now, cents=cents)) == {name}
    assert classes_with(session, plan(session, round_, now=now, cents=cents + 1)) == {after}


@pytest.mark.parametrize(("cents", "name"), [(0, "tot-5000"), (1, "tot-5000"), (10**11, "meer")])
def test_the_first_and_the_last_class_have_no_bound_beyond_them(
    session: Session, round_: Round, now: datetime, cents: int, name: str
) -> None:
    found = plan(session, round_, now=now, cents=cents, status=ProposalStatus.SUBMITTED)
    assert classes_with(session, found) == {name}


def test_a_checked_cost_counts_instead_of_the_makers_own(session: Session, round_: Round, now: datetime) -> None:
    found = plan(session, round_, now=now, cents=500_000)
    found.estimate_cents, found.cost_cents = 500_000, 500_001
    session.flush()
    assert classes_with(session, found) == {"tot-15000"}
    found.status, found.cost_cents = ProposalStatus.SUBMITTED, 0
    session.flush()
    assert classes_with(session, found) == {"tot-5000"}


def test_the_filter_says_the_amounts_that_it_takes(browser: Browser, round_: Round) -> None:
    words = browser.get("proposals.in_round", slug=round_.slug).text_of(".//select[@name='kosten']")
    for amount in ("5.000", "15.000", "30.000"):
        assert amount in words


def named(session: Session, round_: Round, now: datetime, *titles: str) -> list[Proposal]:
    return [plan(session, round_, now=now, title=title) for title in titles]


def similar(session: Session, to: Proposal) -> list[str]:
    return [row.title for row in similar_proposals(session, to)]


def test_plans_that_share_most_words_come_first(session: Session, round_: Round, now: datetime) -> None:
    one, *_ = named(
        session, round_, now,
        "Bankjes langs het water", "Water langs de gracht", "Bankjes langs het hele water", "Een fontein met water",
    )  # fmt: skip
    assert similar(session, one) == ["Bankjes langs het hele water", "Water langs de gracht"], (
        "one of three is no match"
    )


@pytest.mark.parametrize("title", ["Moestuin", "Grote moestuin"])
def test_of_one_or_two_words_one_is_enough(session: Session, round_: Round, now: datetime, title: str) -> None:
    one, _other, _none = named(session, round_, now, title, "Een moestuin op het dak", "Een schommel")
    assert similar(session, one) == ["Een moestuin op het dak"]


@pytest.mark.parametrize("title", ["Plan voor onze buurt", "Op het dak", "x", "..."])
def test_words_that_say_nothing_find_nothing(session: Session, round_: Round, now: datetime, title: str) -> None:
    one, _other = named(session, round_, now, title, "Plan voor onze buurt op het dak x...")
    assert similar(session, one) == []


def test_four_letters_are_a_word(session: Session, round_: Round, now: datetime) -> None:
    one, _other = named(session, round_, now, "Boom", "Een boom")
    assert similar(session, one) == ["Een boom"]


def test_what_nobody_may_see_or_is_elsewhere_is_not_similar(
    session: Session, round_: Round, city: dict[str, Area], now: datetime
) -> None:
    one = plan(session, round_, now=now, title="Moestuin")
    for status in ProposalStatus:
        plan(session, round_, now=now, title=f"Moestuin {status.value}", status=status)
    plan(session, round_in(session, Phase.SUBMISSION, areas=city, now=now), now=now, title="Moestuin elders")
    public = [status for status in ProposalStatus if status is not ProposalStatus.CONCEPT]
    assert similar(session, one) == [f"Moestuin {status.value}" for status in public]


def test_words_of_the_summary_and_other_spellings_count(session: Session, round_: Round, now: datetime) -> None:
    one, other = named(session, round_, now, "Café", "Praten met elkaar")
    other.search = search_text(other.title, "In een CAFE", "")
    session.flush()
    assert similar(session, one) == ["Praten met elkaar"]


def test_five_are_shown_by_number(session: Session, round_: Round, now: datetime) -> None:
    one, *others = named(session, round_, now, "Moestuin", *(f"Moestuin {number}" for number in range(6)))
    assert similar(session, one) == [other.title for other in others[:5]]
