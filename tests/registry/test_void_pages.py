"""The help desk's page of lost letters, and what everybody sees of void codes."""

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role
from buurtbegroot.areas.models import Area
from buurtbegroot.box.domain.manifest import round_name
from buurtbegroot.box.models import SealedBallot
from buurtbegroot.core.credentials import commitment, format_code, nullifier
from buurtbegroot.core.phases import Phase
from buurtbegroot.dual_control.actions.lapsing import end_due
from buurtbegroot.dual_control.models import DualRequest, State
from buurtbegroot.mail.models import OutboxMail
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.registry.domain import codes
from buurtbegroot.registry.models import CodeStatus, CodeVoid, RegisteredCode
from buurtbegroot.registry.organiser_views import lost_letters
from buurtbegroot.registry.queries import code_counts
from buurtbegroot.rounds.models import Round
from tests.factories import PROGRAM
from tests.factories.accounts import person
from tests.factories.rounds import round_in
from tests.factories.voids import mark_void
from tests.factories.voting import OpenVote, cheap_key
from tests.pages import Browser, QueryCount, SignIn

PLACE = "registry_organiser.voids"


@pytest.fixture
def two(session: Session, vote: OpenVote, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> list[Browser]:
    monkeypatch.setattr(lost_letters, "key_of", lambda typed, salt: codes.key_of(typed, salt, derive=cheap_key))
    people = [person(session, Role.COORDINATOR, "E") for _ in range(2)]
    session.commit()
    return [signed_in(one) for one in people]


def letters(vote: OpenVote, number: int = 0, spare: int | None = 3, **other: str) -> dict[str, str]:
    entered = {"stemcode": format_code(vote.codes[number]), "reserve": "" if spare is None else vote.codes[spare]}
    return entered | other


def second(fields: dict[str, str]) -> dict[str, str]:
    return {f"{lost_letters.CONFIRM}{name}": value for name, value in fields.items()}


def test_two_people_let_a_code_lapse(two: list[Browser], vote: OpenVote, session: Session, browser: Browser) -> None:
    slug, [first, other] = vote.round.slug, two
    assert "Nog geen brief kwijt" in first.get(PLACE, slug=slug).text
    first.post("registry_organiser.request_void", letters(vote, reden="stolen"), slug=slug)
    waiting = first.get(PLACE, slug=slug)
    assert "Gestolen" in waiting.text
    assert "Trek in" in waiting.text
    assert vote.codes[0] not in waiting.html.replace("-", "")
    workplace = other.get("rounds_organiser.index")
    assert f"{vote.round.title}: laat een stemcode vervallen" in workplace.text
    asked = session.scalars(select(DualRequest).where(DualRequest.act == "void_code")).one()
    told = workplace.html + str([mail.values for mail in session.scalars(select(OutboxMail))])
    assert asked.object.removeprefix("code:")[:16] not in told, "which code it is about is said on its own page only"
    refusal = first.post("registry_organiser.confirm_void", second(letters(vote)), status=422, slug=slug)
    assert "Een andere organisator moet het bevestigen" in refusal.text
    other.post("registry_organiser.confirm_void", second(letters(vote)), slug=slug)
    assert "De reservebrief kan vanaf nu stemmen" in other.get(PLACE, slug=slug).text
    counts = code_counts(session, vote.round.id)
    assert (counts.active, counts.void, counts.spare) == (3, 1, 1)
    public = browser.get("box.show", slug=slug)
    facts = dict(
        zip(*([" ".join(each.itertext()) for each in public.find(f".//{tag}")] for tag in ("dt", "dd")), strict=True)
    )
    assert (facts["Codes vervallen door twee mensen"], facts["Reservecodes die hun plaats innamen"]) == ("1", "1")
    c = commitment(round_name(vote.round.id), nullifier(vote.k(0)))
    assert browser.raw("box.voids_file", slug=slug).text == f"{c.hex()}\n"
    assert "liet een stemcode vervallen" in browser.get("audit.index").text


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"stemcode": "", "reserve": "", "reden": "lost"}, "Vul de code in van de brief die vervalt"),
        ({"stemcode": "0000-0000-0000-0000", "reserve": "", "reden": "lost"}, "hoort niet bij deze ronde"),
        ({"stemcode": "ABC", "reserve": "", "reden": "lost"}, "U typte er 3"),
        ({"reden": ""}, "Kies een reden"),
        ({"reden": "vergeten"}, "Kies een reden"),
        ({"reserve": "ABC", "reden": "lost"}, "U typte er 3"),
        ({"reserve": "9" * 101, "reden": "lost"}, "niet meer dan 100 tekens"),
    ],
)
def test_what_is_typed_wrong_is_said_and_kept(
    two: list[Browser], vote: OpenVote, session: Session, fields: dict[str, str], says: str
) -> None:
    sent = letters(vote) | fields
    page = two[0].post("registry_organiser.request_void", sent, status=422, slug=vote.round.slug)
    assert page.title.startswith("Fout: ")
    assert says in page.text
    assert sent["stemcode"] in page.html
    assert session.scalar(select(func.count()).select_from(CodeVoid)) == 0
    later = two[1].post("registry_organiser.confirm_void", second(sent), status=422, slug=vote.round.slug)
    assert later.title.startswith("Fout: ")


def test_another_spare_than_was_asked_for(two: list[Browser], vote: OpenVote) -> None:
    slug = vote.round.slug
    two[0].post("registry_organiser.request_void", letters(vote, reden="lost"), slug=slug)
    page = two[1].post("registry_organiser.confirm_void", second(letters(vote, spare=4)), status=422, slug=slug)
    assert "een andere reservebrief" in page.text_of(".//*[@id='bevestig-reserve-fout']")


def test_a_request_is_taken_back(two: list[Browser], vote: OpenVote, session: Session) -> None:
    slug = vote.round.slug
    two[0].post("registry_organiser.request_void", letters(vote, reden="lost"), slug=slug)
    c = session.scalars(select(CodeVoid.commitment)).one().hex()
    two[1].post("registry_organiser.withdraw_void", slug=slug, commitment=c)
    assert "De aanvraag is ingetrokken" in two[1].get(PLACE, slug=slug).text
    two[1].post("registry_organiser.withdraw_void", slug=slug, commitment=c)
    assert "Niemand vroeg dit aan" in two[1].get(PLACE, slug=slug).text
    two[1].post("registry_organiser.withdraw_void", status=404, slug=slug, commitment="zz")


def test_an_organiser_of_elsewhere_ends_no_request_of_this_round(
    two: list[Browser], vote: OpenVote, session: Session, signed_in: SignIn, now: datetime
) -> None:
    areas = {area.code: area for area in session.scalars(select(Area))}
    two[0].post("registry_organiser.request_void", letters(vote, reden="stolen"), slug=vote.round.slug)
    asked = session.scalars(select(CodeVoid)).one()
    own = round_in(session, Phase.SUBMISSION, areas=areas, now=now)
    own.owner = areas["K"]
    other = person(session, Role.COORDINATOR, "K")
    session.commit()
    theirs, c = signed_in(other), asked.commitment.hex()
    theirs.post("registry_organiser.withdraw_void", status=404, slug=vote.round.slug, commitment=c)
    theirs.post("registry_organiser.withdraw_void", slug=own.slug, commitment=c)
    assert "Niemand vroeg dit aan" in theirs.get(PLACE, slug=own.slug).text
    session.refresh(asked.request)
    assert asked.request.state is State.OPEN


def test_who_asked_hears_that_the_box_was_closed_first(
    two: list[Browser], vote: OpenVote, session: Session, now: datetime
) -> None:
    slug, (first, other) = vote.round.slug, two
    first.post("registry_organiser.request_void", letters(vote, reden="stolen"), slug=slug)
    vote.round.closed_at = now
    session.commit()
    end_due(session, by=PROGRAM, now=now)
    session.commit()
    page = first.get("rounds_organiser.index")
    assert f"{vote.round.title}: laat een stemcode vervallen" in page.text
    assert "Uw aanvraag is vervallen: niemand bevestigde op tijd." in page.text
    assert "Uw aanvraag is vervallen" not in other.get("rounds_organiser.index").text


def test_a_closed_box(two: list[Browser], vote: OpenVote, session: Session, now: datetime) -> None:
    vote.round.closed_at = now
    session.commit()
    slug = vote.round.slug
    assert "Er kan geen code meer vervallen" in two[0].get(PLACE, slug=slug).text
    two[0].post("registry_organiser.request_void", letters(vote, reden="lost"), status=409, slug=slug)
    two[0].post("registry_organiser.confirm_void", second(letters(vote)), status=409, slug=slug)


def test_a_round_without_codes(
    two: list[Browser], vote: OpenVote, session: Session, round_: Round, plans: list[Proposal]
) -> None:
    session.execute(SealedBallot.__table__.delete())  # type: ignore[attr-defined]
    other = Round(slug="zonder", title="Zonder", owner_code="E", created_at=round_.created_at)
    session.add(other)
    session.commit()
    assert "Nog geen brief kwijt" in two[0].get(PLACE, slug="zonder").text
    page = two[0].post("registry_organiser.request_void", letters(vote, reden="lost"), status=422, slug="zonder")
    assert "hoort niet bij deze ronde" in page.text


def test_others_find_nothing(app: Flask, vote: OpenVote, session: Session, signed_in: SignIn, browser: Browser) -> None:
    other = signed_in(person(session, Role.COORDINATOR, "K"))
    slug = vote.round.slug
    other.get(PLACE, status=404, slug=slug)
    other.post("registry_organiser.request_void", letters(vote, reden="lost"), status=404, slug=slug)
    other.post("registry_organiser.confirm_void", second(letters(vote)), status=404, slug=slug)
    other.post("registry_organiser.withdraw_void", status=404, slug=slug, commitment="00" * 32)
    browser.get(PLACE, status=303, slug=slug)


def test_the_list_costs_the_same_however_long(
    two: list[Browser], vote: OpenVote, session: Session, now: datetime
) -> None:
    def queries() -> int:
        with QueryCount() as count:
            two[0].get(PLACE, slug=vote.round.slug)
        return len(count.statements)

    queries()
    few = queries()
    mark_void(session, vote.round, now=now)
    session.commit()
    assert session.scalars(select(RegisteredCode.status).distinct()).all().count(CodeStatus.VOID) == 1
    assert queries() == few
