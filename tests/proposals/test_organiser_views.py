"""The workplace where plans are checked: who may enter, what a decision needs, and when it is too late."""

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role, User
from buurtbegroot.areas.models import Area
from buurtbegroot.mail.models import OutboxMail
from buurtbegroot.proposals.models import Proposal, ProposalStatus
from buurtbegroot.rounds.models import Criterion, Round
from tests.factories.accounts import person
from tests.factories.proposals import plan
from tests.pages import Browser, QueryCount, SignIn

YES = {criterion.value: "yes" for criterion in Criterion}
ADMIT = YES | {"verdict": "toelaten", "cost_cents": "300", "reason": "De prijzen kloppen."}
REFUSE = {"verdict": "weigeren", "reason": "De grond is van iemand anders."}


@pytest.fixture
def found(session: Session, round_: Round, resident: User, now: datetime) -> Proposal:
    return plan(session, round_, now=now, status=ProposalStatus.SUBMITTED, author=resident)


@pytest.fixture
def desk(signed_in: SignIn, coordinator: User) -> Browser:
    return signed_in(coordinator)


def test_admitting_sets_the_checked_cost_and_mails_the_author(
    session: Session, desk: Browser, round_: Round, found: Proposal, resident: User
) -> None:
    assert found.title in desk.get("proposals_organiser.index", slug=round_.slug).text
    desk.send("proposals_organiser.dossier", ADMIT, slug=round_.slug, number=found.number)
    assert (found.status, found.cost_cents) == (ProposalStatus.ADMITTED, 30_000)
    assert session.scalars(select(OutboxMail.recipient)).all() == [resident.email]
    assert found.title in desk.get("proposals_organiser.index", slug=round_.slug, toon="kan").text


def test_refusing_needs_only_a_reason_that_everyone_reads(
    desk: Browser, browser: Browser, round_: Round, found: Proposal
) -> None:
    desk.send("proposals_organiser.dossier", REFUSE, slug=round_.slug, number=found.number)
    assert found.status is ProposalStatus.REFUSED
    assert "iemand anders" in browser.get("proposals.show", proposal_id=found.id).text
    desk.send("proposals_organiser.dossier", ADMIT, slug=round_.slug, number=found.number)
    assert found.status is ProposalStatus.ADMITTED


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"verdict": ""}, "Kies: toelaten of weigeren."),
        ({"verdict": "misschien"}, "Kies: toelaten of weigeren."),
        ({"reason": "  "}, "Schrijf de reden op."),
        ({"reason": "x" * 2_001}, "niet meer dan 2000"),
        ({"cost_cents": ""}, "Vul in wat het plan kost."),
        ({"cost_cents": "0"}, "Vul in wat het plan kost."),
        ({"cost_cents": "0,99"}, "kost ten minste 1 euro"),
        ({"cost_cents": "1.001"}, "meer dan er te verdelen is"),
        ({"cost_cents": "veel"}, "Schrijf een bedrag"),
        ({"law": "no"}, "kan niet worden toegelaten"),
        ({"law": ""}, "Beantwoord deze vraag"),
        ({"law": "wellicht"}, "Kies een antwoord uit de lijst."),
    ],
)
def test_what_lacks_is_named_and_nothing_is_decided(
    desk: Browser, round_: Round, found: Proposal, changes: dict[str, str], message: str
) -> None:
    page = desk.post("proposals_organiser.dossier", ADMIT | changes, status=422, slug=round_.slug, number=found.number)
    assert page.title.startswith("Fout: ")
    assert message in page.text
    assert found.status is ProposalStatus.SUBMITTED


def test_nobody_judges_their_own_plan_and_the_page_says_who_can(
    session: Session, signed_in: SignIn, coordinator: User, round_: Round, now: datetime
) -> None:
    own = plan(session, round_, now=now, status=ProposalStatus.SUBMITTED, author=coordinator)
    colleague, desk = person(session, Role.COORDINATOR, "E"), signed_in(coordinator)
    assert "Bepaal oordeel" not in desk.get("proposals_organiser.index", slug=round_.slug).text
    page = desk.get("proposals_organiser.dossier", slug=round_.slug, number=own.number)
    assert "U kunt niet alleen over dit plan oordelen." in page.text
    assert f"Wie wel kan oordelen: {colleague.name}" in page.text
    sent = desk.post("proposals_organiser.dossier", ADMIT, status=409, slug=round_.slug, number=own.number)
    assert f"Wie wel kan oordelen: {colleague.name}" in sent.text
    assert own.status is ProposalStatus.SUBMITTED
    signed_in(colleague).send("proposals_organiser.dossier", ADMIT, slug=round_.slug, number=own.number)
    assert own.status is ProposalStatus.ADMITTED


def test_an_opened_vote_ends_deciding(session: Session, desk: Browser, round_: Round, found: Proposal) -> None:
    round_.fingerprint = "ab" * 32
    session.flush()
    page = desk.post("proposals_organiser.dossier", ADMIT, status=409, slug=round_.slug, number=found.number)
    assert "stembus is geopend" in page.text
    assert found.status is ProposalStatus.SUBMITTED
    assert "stembus is geopend" in desk.get("proposals_organiser.index", slug=round_.slug).text


def test_an_organiser_of_elsewhere_finds_nothing(
    session: Session, signed_in: SignIn, city: dict[str, Area], round_: Round, found: Proposal
) -> None:
    for role in (Role.COORDINATOR, Role.STAFF):
        elsewhere = signed_in(person(session, role, "K"))
        elsewhere.get("proposals_organiser.index", slug=round_.slug, status=404)
        elsewhere.get("proposals_organiser.dossier", slug=round_.slug, number=found.number, status=404)
        elsewhere.post("proposals_organiser.dossier", REFUSE, slug=round_.slug, number=found.number, status=404)
    assert found.status is ProposalStatus.SUBMITTED


def test_staff_of_the_stadsdeel_read_but_do_not_decide(
    session: Session, signed_in: SignIn, city: dict[str, Area], round_: Round, found: Proposal
) -> None:
    staff = signed_in(person(session, Role.STAFF, "E"))
    assert "Bepaal oordeel" not in staff.get("proposals_organiser.index", slug=round_.slug).text
    page = staff.get("proposals_organiser.dossier", slug=round_.slug, number=found.number)
    assert "niet veranderen" in page.text
    staff.post("proposals_organiser.dossier", REFUSE, slug=round_.slug, number=found.number, status=404)
    assert found.status is ProposalStatus.SUBMITTED


def test_residents_and_visitors_do_not_enter(
    signed_in: SignIn, browser: Browser, resident: User, round_: Round, found: Proposal
) -> None:
    signed_in(resident).get("proposals_organiser.index", slug=round_.slug, status=404)
    assert browser.raw("proposals_organiser.index", slug=round_.slug).status_code == 303


def test_concepts_and_unknown_numbers_are_not_found(
    session: Session, desk: Browser, round_: Round, resident: User, now: datetime
) -> None:
    plan(session, round_, now=now, status=ProposalStatus.CONCEPT, author=resident)
    for number in (0, 77, 10**18):
        desk.get("proposals_organiser.dossier", slug=round_.slug, number=number, status=404)
    assert "Hier komt het werk" in desk.get("proposals_organiser.index", slug=round_.slug, toon="alles").text


def test_queries_do_not_grow_with_the_plans(
    session: Session, signed_in: SignIn, coordinator: User, round_: Round, now: datetime
) -> None:
    counts = []
    for more in (5, 45):
        for _ in range(more):
            plan(session, round_, now=now, status=ProposalStatus.SUBMITTED)
        session.commit()
        session.expire_all()
        desk = signed_in(coordinator)
        with QueryCount() as queries:
            desk.get("proposals_organiser.index", slug=round_.slug)
        counts.append(queries.number)
    assert counts[0] == counts[1], queries.statements


def test_a_vote_that_opens_meanwhile_is_no_crash(
    monkeypatch: pytest.MonkeyPatch, desk: Browser, round_: Round, found: Proposal
) -> None:
    round_.fingerprint = "ab" * 32
    monkeypatch.setattr("buurtbegroot.proposals.policy.may_decide", lambda _user, _proposal: True)
    desk.post("proposals_organiser.dossier", REFUSE, status=409, slug=round_.slug, number=found.number)
    assert found.status is ProposalStatus.SUBMITTED
