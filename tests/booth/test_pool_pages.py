"""Drawing a code with an account, from the round's page to the ballot in the box, and the organiser's side of it."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role, User
from buurtbegroot.box.models import SealedBallot
from buurtbegroot.core.code_keys import derive_key
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.rules import Eligibility, to_json
from buurtbegroot.database import Model
from buurtbegroot.guards import drop_guards, make_guards
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.registry.models import CodeBatch, CodePool, PoolCode, PoolDraw, RegisteredCode
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import rules_of
from tests.booth.test_booth import Booth, box
from tests.conftest import Clock
from tests.factories.accounts import person
from tests.factories.voting import OpenVote, open_vote_in
from tests.pages import Browser, Page, QueryCount, SignIn
from tests.registry.test_pool import AFTER, close

DECLARED = {"leeftijd": "y", "wie": "y", "zonder": "y"}
WAY_IN = "Geen brief? Vraag een stemcode met uw account"


@pytest.fixture
def pooled(
    app: Flask, session: Session, round_: Round, plans: list[Proposal], now: datetime, tmp_path: Path
) -> OpenVote:
    """Return an open vote with two codes in the pool, for who is 12 and lives in West."""
    app.config["KEY_DIRECTORY"] = str(tmp_path / "keys")
    who = replace(rules_of(round_), eligibility=Eligibility(minimum_age=12, who="U woont in West."))
    round_.rules = to_json(who).decode()
    opened = open_vote_in(session, round_, folder=tmp_path / "keys", now=now, codes=1, pool=2, derive=derive_key)
    session.commit()
    return opened


@pytest.fixture
def resident(session: Session, pooled: OpenVote, signed_in: SignIn) -> Booth:
    return Booth(signed_in(person(session)), pooled)


def ask(booth: Booth, *, status: int = 200, **instead: str) -> Page:
    return booth.browser.post("booth.draw", {**DECLARED, **instead}, status=status, slug=booth.slug)


def code_on(page: Page) -> str:
    [field] = page.find(".//input[@name='stemcode']")
    return field.get("value") or ""


def kpis(page: Page) -> set[str]:
    names, values = (page.find(f".//{tag}") for tag in ("dt", "dd"))
    return {
        f"{' '.join(name.itertext())} {' '.join(value.itertext())}" for name, value in zip(names, values, strict=False)
    }


def rows(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_letter_is_promised_only_where_there_are_letters(resident: Booth, session: Session) -> None:
    letter = "In de brief die u thuis kreeg"
    assert letter in resident.browser.get("rounds.show", slug=resident.slug).text
    drop_guards(session.connection())
    session.execute(delete(CodeBatch))
    make_guards(session.connection(), Model.metadata)
    session.commit()
    assert letter not in resident.browser.get("rounds.show", slug=resident.slug).text


def test_from_the_round_to_the_ballot_box_without_typing_a_code(
    resident: Booth, plans: list[Proposal], session: Session
) -> None:
    assert WAY_IN in resident.browser.get("rounds.show", slug=resident.slug).text
    assert WAY_IN in resident.get("enter_code").text
    asked = resident.get("draw")
    assert "Ik ben 12 jaar of ouder" in asked.text
    assert "Dit geldt voor mij: U woont in West." in asked.text
    shown = ask(resident)
    assert shown.response.headers["Cache-Control"] == "no-store"
    assert "Schrijf de code op of stem meteen" in shown.text
    resident.choose(plans[0])
    assert resident.enter(code_on(shown)).response.location.endswith("/controleren")
    resident.send(resident.get("review"))
    assert "Uw stem is ontvangen" in resident.get("done").heading
    assert (box(session), rows(session, PoolCode), rows(session, PoolDraw)) == (1, 1, 1)


def test_the_code_is_shown_once(resident: Booth, session: Session) -> None:
    code = code_on(ask(resident))
    again = ask(resident, status=409)
    assert "U heeft al een stemcode gekregen" in again.text
    for page in (again, resident.get("draw")):
        assert code not in page.html
        assert "Ik heb de code nog: vul hem in" in page.text
    assert rows(session, PoolCode) == 1
    resident.enter(code)
    assert "Dit apparaat weet uw code nog" in resident.get("draw").text


@pytest.mark.parametrize("left_out", ["leeftijd", "wie", "zonder"])
def test_who_does_not_declare_everything_gets_no_code(resident: Booth, session: Session, left_out: str) -> None:
    data = {name: "y" for name in DECLARED if name != left_out}
    page = resident.browser.post("booth.draw", data, status=422, slug=resident.slug)
    assert page.title.startswith("Fout: ")
    assert [box.get("name") for box in page.find(".//input[@checked]")] == list(data)
    assert rows(session, PoolDraw) == 0


def test_when_all_codes_are_gone_the_page_says_so(
    resident: Booth, pooled: OpenVote, session: Session, signed_in: SignIn
) -> None:
    ask(resident)
    ask(Booth(signed_in(person(session)), pooled))
    late = Booth(signed_in(person(session)), pooled)
    assert "Alle stemcodes zijn uitgegeven" in late.get("draw").text
    assert "Alle stemcodes zijn uitgegeven" in ask(late, status=409).text


def test_who_is_not_signed_in_comes_back_after_signing_in(browser: Browser, pooled: OpenVote) -> None:
    slug = pooled.round.slug
    answer = browser.get("booth.draw", status=303, slug=slug).response
    assert answer.location.endswith(f"/account/inloggen?verder=/rondes/{slug}/stemmen/account")
    browser.post("booth.draw", DECLARED, slug=slug)


def test_a_deleted_account_that_is_made_again_gets_no_second_code(
    resident: Booth, pooled: OpenVote, session: Session, signed_in: SignIn
) -> None:
    ask(resident)
    old = session.scalars(select(User).order_by(User.id.desc()).limit(1)).one()
    email = old.email
    resident.browser.post("accounts.delete", {"sure": "y"})
    again = person(session)
    again.email = email
    session.commit()
    assert "U heeft al een stemcode gekregen" in Booth(signed_in(again), pooled).get("draw").text


def test_a_round_without_a_pool_shows_no_way_in(vote: OpenVote, session: Session, signed_in: SignIn) -> None:
    booth = Booth(signed_in(person(session)), vote)
    assert WAY_IN not in booth.browser.get("rounds.show", slug=booth.slug).text
    assert WAY_IN not in booth.get("enter_code").text
    booth.browser.get("booth.draw", status=404, slug=booth.slug)
    booth.browser.post("booth.draw", DECLARED, status=404, slug=booth.slug)


def test_after_the_vote_no_code_is_drawn(resident: Booth, clock: Clock, session: Session) -> None:
    clock.now = max(window.ends_at for window in resident.vote.round.windows if window.phase is Phase.VOTING)
    resident.browser.sign_in(person(session))
    assert "De stembus is dicht" in ask(resident, status=410).heading
    assert rows(session, PoolDraw) == 0


def test_how_many_were_drawn_is_public_after_the_closing_only(
    resident: Booth, pooled: OpenVote, session: Session, now: datetime
) -> None:
    ask(resident)
    assert "Daarvan voor mensen met een account 2" in kpis(resident.browser.get("box.show", slug=resident.slug))
    assert "opgehaald" not in resident.browser.get("box.show", slug=resident.slug).text
    close(session, pooled, now + AFTER)
    session.commit()
    assert "Door mensen met een account opgehaald 1" in kpis(resident.browser.get("box.show", slug=resident.slug))


def test_the_page_takes_few_queries(resident: Booth) -> None:
    with QueryCount() as queries:
        resident.get("draw")
    assert queries.number <= 8, queries.statements


@pytest.fixture
def organiser(app: Flask, session: Session, plans: list[Proposal], signed_in: SignIn, tmp_path: Path) -> Browser:
    app.config["KEY_DIRECTORY"] = str(tmp_path / "keys")
    by = person(session, Role.COORDINATOR, "E")
    session.commit()
    return signed_in(by)


def test_a_coordinator_switches_the_pool_on_and_off(organiser: Browser, round_: Round, session: Session) -> None:
    slug = round_.slug
    assert "Staat uit" in organiser.get("registry_organiser.codes", slug=slug).text
    for total in (2, 4):
        organiser.post("registry_organiser.fill_pool", {"accounts": "2"}, slug=slug)
        page = organiser.get("registry_organiser.codes", slug=slug)
        assert f"codes voor accounts {total}" in kpis(page)
        assert rows(session, PoolCode) == rows(session, RegisteredCode) == 3 * total  # two of three in reserve
    assert "Er zijn stemcodes gemaakt" in organiser.get("booth_organiser.opening", slug=slug).text
    organiser.send("registry_organiser.empty_pool", on="registry_organiser.codes", slug=slug)
    assert (rows(session, CodePool), rows(session, PoolCode), rows(session, RegisteredCode)) == (0, 0, 0)
    organiser.post("registry_organiser.empty_pool", status=409, slug=slug)


@pytest.mark.parametrize("number", ["", "0", "501", "-1", "veel"])
def test_an_impossible_number_is_refused(organiser: Browser, round_: Round, number: str) -> None:
    page = organiser.post("registry_organiser.fill_pool", {"accounts": number}, status=422, slug=round_.slug)
    assert page.title.startswith("Fout: ")
    assert f'value="{number}"' in page.html


def test_once_open_the_pool_stays_as_it_is_and_shows_no_persons(
    organiser: Browser, resident: Booth, pooled: OpenVote, session: Session
) -> None:
    ask(resident)
    email = session.scalars(select(User.email).order_by(User.id.desc()).limit(1)).one()
    page = organiser.get("registry_organiser.codes", slug=pooled.round.slug)
    assert "daarvan opgehaald 1" in kpis(page)
    assert email not in page.html
    for endpoint in ("fill_pool", "empty_pool"):
        organiser.post(f"registry_organiser.{endpoint}", {"accounts": "2"}, status=409, slug=pooled.round.slug)
    assert rows(session, SealedBallot) == 0
    assert rows(session, PoolCode) == 1


def test_another_stadsdeels_organiser_cannot(session: Session, round_: Round, signed_in: SignIn) -> None:
    other = signed_in(person(session, Role.COORDINATOR, "K"))
    for endpoint in ("fill_pool", "empty_pool"):
        other.post(f"registry_organiser.{endpoint}", {"accounts": "2"}, status=404, slug=round_.slug)


@pytest.mark.parametrize(
    ("eligibility", "asked", "not_asked"),
    [
        (Eligibility(minimum_age=None, who="U woont in West."), "Dit geldt voor mij: U woont in West.", "leeftijd"),
        (Eligibility(minimum_age=16, who=""), "Ik ben 16 jaar of ouder", "wie"),
    ],
)
def test_only_what_the_round_asks_is_declared(
    app: Flask, session: Session, round_: Round, plans: list[Proposal], now: datetime, tmp_path: Path,
    signed_in: SignIn, eligibility: Eligibility, asked: str, not_asked: str,
) -> None:  # fmt: skip
    assert len(plans) > 1
    app.config["KEY_DIRECTORY"] = str(tmp_path / "keys")
    round_.rules = to_json(replace(rules_of(round_), eligibility=eligibility)).decode()
    opened = open_vote_in(session, round_, folder=tmp_path / "keys", now=now, codes=1, pool=1, derive=derive_key)
    session.commit()
    booth = Booth(signed_in(person(session)), opened)
    page = booth.get("draw")
    assert asked in page.text
    assert not page.find(f".//input[@name='{not_asked}']")
    given = {name: value for name, value in DECLARED.items() if name != not_asked}
    for lacking in given:
        page = booth.browser.post("booth.draw", {**given, lacking: ""}, status=422, slug=booth.slug)
        assert "Zet een vinkje als dit klopt." in page.text
    assert code_on(booth.browser.post("booth.draw", given, status=200, slug=booth.slug))
