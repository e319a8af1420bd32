"""What the second person sees: a mail, the top of the workplace, every plan with what changed, and the refusals."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.actions import revoke_role
from buurtbegroot.accounts.dual_acts import RESET_SECOND_FACTOR
from buurtbegroot.accounts.models import Role, User
from buurtbegroot.acts import SYSTEM_ACTOR, NotAllowedError, RefusedError
from buurtbegroot.areas.models import CITY
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.booth.dual_acts import OPEN, WITHDRAW
from buurtbegroot.box.actions.sealing import prepare_booth
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.core.phases import Phase
from buurtbegroot.dual_control.actions import DualFault, confirm_act, request_act, withdraw_request
from buurtbegroot.dual_control.actions.lapsing import end_due
from buurtbegroot.dual_control.models import DualRequest, State
from buurtbegroot.dual_control.policy import declared_acts
from buurtbegroot.dual_control.queries.ended import TOLD_FOR, ended_for
from buurtbegroot.dual_control.tasks import TASKS
from buurtbegroot.mail.messages import compose
from buurtbegroot.mail.models import OutboxMail
from buurtbegroot.proposals.actions import Verdict, decide_proposal
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.registry.actions.issuing import issue_codes
from buurtbegroot.registry.dual_acts import VOID_CODE, VoidedCode
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import round_key
from tests.conftest import Clock
from tests.factories.accounts import person, tie_authenticator
from tests.factories.dual_control import seen_on
from tests.factories.voting import cheap_key
from tests.pages import Browser, QueryCount

SignedIn = Callable[[User], Browser]
PAGE, WORKPLACE = "booth_organiser.opening", "rounds_organiser.index"
SECOND, DOWN = "U bent de tweede persoon.", "wees uw aanvraag af."
LOOKED = {"plannen": "y", "regels": "y"}


@pytest.fixture
def ready(
    app: Flask,
    session: Session,
    round_: Round,
    plans: list[Proposal],
    people: list[User],
    now: datetime,
    tmp_path: Path,
) -> Round:
    """The round, with the codes and keys that opening its vote needs."""
    app.config["KEY_DIRECTORY"] = str(tmp_path / "keys")
    keys = KeyStore(tmp_path / "keys", site="localhost")
    prepare_booth(session, round_, keys=keys, by=people[2])
    issue_codes(session, round_, count=2, spares=1, by=people[2], now=now, derive=cheap_key)
    session.commit()
    return round_


def mails(session: Session) -> dict[str, OutboxMail]:
    return {mail.recipient: mail for mail in session.scalars(select(OutboxMail))}


def decide(session: Session, plan: Proposal, *, cents: int = 0, by: User, now: datetime) -> None:
    verdict = Verdict(admitted=cents > 0, reason="Nagekeken.", cost_cents=cents)
    decide_proposal(session, plan, verdict, seen=plan.version, by=by, now=now)
    session.commit()


def test_everybody_who_may_confirm_gets_one_mail(
    session: Session, ready: Round, people: list[User], now: datetime
) -> None:
    first, second, third = people
    second.language = "en"
    third.grants[0].granted_by = first.pseudonym
    admin = person(session, Role.ADMINISTRATOR, CITY)
    for role, area in ((Role.STAFF, "E"), (Role.COORDINATOR, "K"), (None, "")):
        person(session, role, area)
    request_act(session, OPEN, ready, by=first, now=now)
    assert set(mails(session)) == {second.email, admin.email}
    body = mails(session)[admin.email]
    text = str(compose(body).get_body(("plain",)).get_content())  # type: ignore[union-attr]
    assert "Iemand vroeg om de stembus te openen" in text
    assert not any(name in str(compose(body)) for name in (first.name, ready.title)), "a mailbox is no place for those"
    assert f"http://localhost/werkplek/rondes/{ready.slug}/openen" in text
    assert ["Het moet vóór dinsdag 24 november 2026", " 24.00 uur"][0] in text or "Het moet vóór" in text
    assert compose(body)["Subject"] == "Wacht op u als tweede persoon"
    english = str(compose(mails(session)[second.email]).get_body(("html",)).get_content())  # type: ignore[union-attr]
    assert "vroeg" not in english


def test_it_waits_on_top_of_the_workplace_until_it_is_done(
    session: Session, ready: Round, people: list[User], now: datetime, signed_in: SignedIn
) -> None:
    first, second, third = people
    mine, theirs = signed_in(first), signed_in(second)
    assert SECOND not in theirs.get(WORKPLACE).text
    asked = request_act(session, OPEN, ready, by=first, now=now)
    session.commit()
    page = theirs.get(WORKPLACE)
    assert page.text_of(".//main//h2[1]").startswith("Dit wacht op u")
    assert f"{ready.title}: open de stembus" in page.text_of(".//h3")
    assert f"{first.name} vroeg dit aan" in page.text
    assert third.name in page.text
    assert page.find(f".//a[@href='/werkplek/rondes/{ready.slug}/openen']")
    assert "Wacht op u:" in theirs.get("rounds_organiser.basics", slug=ready.slug).text
    own = mine.get(WORKPLACE)
    assert "Dit wacht op een ander" in own.text
    assert SECOND not in own.text
    for kind, area in ((Role.COORDINATOR, "K"), (Role.STAFF, "E")):
        assert "Dit wacht op u" not in signed_in(person(session, kind, area)).get(WORKPLACE).text
    withdraw_request(session, OPEN, ready, by=first, now=now)
    session.commit()
    assert SECOND not in theirs.get(WORKPLACE).text
    asked = request_act(session, OPEN, ready, by=first, now=now)
    session.commit()
    confirm_act(session, OPEN, ready, seen=asked.fingerprint, by=second, now=now)
    session.commit()
    for browser in (mine, theirs, signed_in(third)):
        assert SECOND not in browser.get(WORKPLACE).text


def test_what_waits_for_administrators_waits_there_as_well(
    session: Session, ready: Round, now: datetime, signed_in: SignedIn
) -> None:
    first, second = (person(session, Role.ADMINISTRATOR, CITY) for _ in range(2))
    lost = tie_authenticator(person(session, Role.STAFF))
    request_act(session, RESET_SECOND_FACTOR, lost, by=first, now=now)
    session.commit()
    page = signed_in(second).get(WORKPLACE)
    assert f"{lost.name}: wis de tweede stap" in page.text
    assert page.find(".//a[@href='/werkplek/mensen/met-twee-mensen']")


def test_the_page_shows_every_plan_with_its_costs(
    session: Session, ready: Round, plans: list[Proposal], people: list[User], now: datetime, signed_in: SignedIn
) -> None:
    plans[1].estimate_cents = 1_900_000
    request_act(session, OPEN, ready, by=people[0], now=now)
    session.commit()
    page = signed_in(people[1]).get(PAGE, slug=ready.slug)
    assert page.heading == "Kijk na en open de stembus"
    rows = [" ".join(" ".join(row.itertext()).split()) for row in page.find(".//tbody/tr")]
    assert [row.split()[0] for row in rows] == ["1", "2", "3", "Samen"]
    assert "€ 19.000 € 20.000" in rows[1]
    assert "€ 59.000 € 60.000" in rows[3]
    assert "1 plan staat niet op het stembiljet" in page.text
    assert "2 in brieven, 1 reserve" in page.text
    assert "Sinds de aanvraag is er niets veranderd" in page.text
    assert "Alle regels in gewone taal" in page.text_of(".//details[@open]"), "who confirms says to have read them"


def test_nobody_asks_for_the_opening_of_what_they_did_not_see(
    session: Session, ready: Round, plans: list[Proposal], people: list[User], now: datetime, signed_in: SignedIn
) -> None:
    first, _second, third = people
    browser = signed_in(first)
    path = browser.path("booth_organiser.request_opening", slug=ready.slug)
    form = browser.get(PAGE, slug=ready.slug).hidden(path)
    decide(session, plans[0], cents=9_900_000, by=third, now=now)
    page = browser.post(path, form, status=409)
    assert "Op uw pagina stond iets anders" in page.text
    assert "€ 99.000" in page.text
    assert session.scalars(select(DualRequest)).all() == []
    assert session.scalars(select(OutboxMail)).all() == []
    browser.post(path, page.hidden(path))
    assert len(session.scalars(select(DualRequest)).all()) == 1


def test_a_request_that_lapsed_says_what_changed_and_by_whom(
    session: Session, ready: Round, plans: list[Proposal], people: list[User], now: datetime, signed_in: SignedIn
) -> None:
    first, second, third = people
    request_act(session, OPEN, ready, by=first, now=now)
    session.commit()
    browser = signed_in(second)
    form = seen_on(browser.get(PAGE, slug=ready.slug)) | LOOKED
    decide(session, plans[0], cents=9_900_000, by=third, now=now)
    decide(session, plans[1], by=third, now=now)
    page = browser.get(PAGE, slug=ready.slug)
    assert page.heading == "De aanvraag om te openen is vervallen"
    rows = [" ".join(" ".join(row.itertext()).split()) for row in page.find(".//section//tbody/tr")][:2]
    assert rows[0].startswith("Plan 1: kosten € 10.000 € 99.000")
    assert rows[1].startswith("Plan 2: op het stembiljet ja nee, kan niet")
    assert all(third.name in row and "regel" in row for row in rows)
    assert SECOND not in browser.get(WORKPLACE).text
    late = browser.post("booth_organiser.confirm_opening", form, status=409, slug=ready.slug)
    assert late.heading == page.heading
    assert "Plan 1: kosten" in late.text
    assert ready.opened_at is None
    browser.send("booth_organiser.request_opening", on="booth_organiser.opening", slug=ready.slug)
    stale = signed_in(first).post("booth_organiser.confirm_opening", form, status=409, slug=ready.slug)
    assert "Op uw pagina stond iets anders" in stale.text
    assert "Plan 1: kosten" in stale.text
    page = signed_in(first).get(PAGE, slug=ready.slug)
    assert "Sinds de vorige aanvraag: 2 dingen" in page.text
    signed_in(first).post("booth_organiser.confirm_opening", seen_on(page) | LOOKED, slug=ready.slug)
    session.expire_all()
    assert ready.opened_at is not None


def test_rules_that_changed_are_shown_old_and_new(
    session: Session, ready: Round, people: list[User], now: datetime, signed_in: SignedIn
) -> None:
    request_act(session, OPEN, ready, by=people[0], now=now)
    ready.rules = ready.rules.replace('"min_choices":1', '"min_choices":2')
    session.commit()
    page = signed_in(people[1]).get(PAGE, slug=ready.slug)
    assert page.heading == "De aanvraag om te openen is vervallen"
    assert "De regels zoals ze waren" in page.text
    assert "minstens 1 plan" in page.text
    assert "minstens 2 plannen" in page.text
    assert "staat niet in het logboek" in page.text


def test_the_second_person_turns_it_down_with_a_reason(
    session: Session, ready: Round, people: list[User], now: datetime, signed_in: SignedIn
) -> None:
    request_act(session, OPEN, ready, by=people[0], now=now)
    session.commit()
    other = signed_in(people[1])
    long = other.post("booth_organiser.withdraw_opening", {"reden": "x" * 301}, status=422, slug=ready.slug)
    assert long.title.startswith("Fout: ")
    other.post("booth_organiser.withdraw_opening", {"reden": "Plan 2 <b>klopt</b> niet."}, slug=ready.slug)
    text = signed_in(people[0]).get(PAGE, slug=ready.slug).text
    assert f"{people[1].name} wees de vorige aanvraag af: Plan 2 <b>klopt</b> niet." in text
    assert session.scalars(select(DualRequest.state)).all() == [State.WITHDRAWN]


def test_who_asked_is_told_that_it_was_turned_down(
    session: Session, ready: Round, people: list[User], now: datetime, signed_in: SignedIn
) -> None:
    first, second, third = people
    request_act(session, OPEN, ready, by=first, now=now)
    before = set(mails(session))
    withdraw_request(session, OPEN, ready, by=second, now=now, reason="Plan 2 klopt niet.")
    session.commit()
    assert set(mails(session)) - before == {first.email}
    message = compose(mails(session)[first.email])
    assert message["Subject"] == "Uw aanvraag is afgewezen"
    text = str(message.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    assert "U vroeg om de stembus te openen. Een tweede persoon wees dat af." in text
    assert not any(word in str(message) for word in (second.name, ready.title, "Plan 2")), (
        "a mailbox is no place for it"
    )
    page = signed_in(first).get(WORKPLACE)
    assert page.text_of(".//main//h2[1]").startswith("Dit wacht op u")
    assert f"{second.name} wees uw aanvraag af." in page.text
    assert "De reden: Plan 2 klopt niet." in page.text
    assert page.find(f".//section[@aria-labelledby='wacht']//a[@href='/werkplek/rondes/{ready.slug}/openen']")
    assert DOWN not in signed_in(third).get(WORKPLACE).text
    request_act(session, OPEN, ready, by=third, now=now)
    session.commit()
    assert DOWN not in signed_in(first).get(WORKPLACE).text, "somebody asked again"


def test_who_asked_is_told_that_it_lapsed(
    session: Session, ready: Round, plans: list[Proposal], people: list[User], now: datetime, signed_in: SignedIn
) -> None:
    first, second, _third = people
    request_act(session, OPEN, ready, by=first, now=now)
    decide(session, plans[0], cents=100_000, by=second, now=now)
    assert compose(mails(session)[first.email])["Subject"] == "Uw aanvraag is vervallen"
    assert "Uw aanvraag is vervallen, want daarna veranderde er iets." in signed_in(first).get(WORKPLACE).text
    assert [len(ended_for(session, who, now=now)) for who in people] == [1, 0, 0]
    assert ended_for(session, first, now=now + TOLD_FOR) == [], "that was long ago"
    first.grants.clear()
    session.flush()
    assert ended_for(session, first, now=now) == [], "who may ask no more needs nothing"


def work_off(session: Session) -> None:
    """Let the worker do what it does each minute about requests."""
    (task,) = TASKS
    assert task.has_work()
    session.rollback()
    task.run(task.by)
    session.expire_all()


def test_who_asked_for_an_opening_that_nobody_confirmed_is_told_when_the_vote_is_over(
    session: Session, ready: Round, people: list[User], now: datetime, clock: Clock, signed_in: SignedIn
) -> None:
    first, second, _third = people
    asked = request_act(session, OPEN, ready, by=first, now=now)
    session.commit()
    before = set(mails(session))
    ends = next(window.ends_at for window in ready.windows if window.phase is Phase.VOTING)
    clock.now = ends - timedelta(minutes=1)
    work_off(session)
    assert (asked.state, set(mails(session))) == (State.OPEN, before), "it can be confirmed yet"
    clock.now = ends
    work_off(session)
    assert (asked.state, asked.ended_at, asked.ended_by_id) == (State.EXPIRED, ends, None)
    assert set(mails(session)) - before == {first.email}
    mail = compose(mails(session)[first.email])
    assert mail["Subject"] == "Uw aanvraag is vervallen"
    text = str(mail.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    assert "U vroeg om de stembus te openen. Niemand bevestigde dat op tijd." in text
    told = select(AuditEntry.action, AuditEntry.actor, AuditEntry.object).order_by(AuditEntry.seq.desc()).limit(1)
    assert tuple(session.execute(told).one()) == ("dual_control.expired", SYSTEM_ACTOR.pseudonym, round_key(ready))
    workplace = signed_in(first).get(WORKPLACE)
    assert "Uw aanvraag is vervallen: niemand bevestigde op tijd." in workplace.text
    page = signed_in(first).get(PAGE, slug=ready.slug)
    assert f"De aanvraag van {first.name} is vervallen: niemand bevestigde op tijd." in page.text
    assert "de tijd om te stemmen is voorbij" in page.text
    for act in (partial(confirm_act, seen=asked.fingerprint), withdraw_request):
        with pytest.raises(RefusedError) as refused:
            act(session, OPEN, ready, by=second, now=ends)
        assert refused.value.fault is DualFault.NOT_NOW


@pytest.mark.parametrize("gone", ["role", "change"])
def test_the_worker_ends_what_lapsed_past_the_log(
    session: Session, ready: Round, plans: list[Proposal], people: list[User], now: datetime, gone: str
) -> None:
    first, second, _third = people
    asked = request_act(session, OPEN, ready, by=first, now=now)
    before = set(mails(session))
    if gone == "role":
        first.grants.clear()
    else:
        plans[0].cost_cents = 5
    session.commit()
    work_off(session)
    assert asked.state is State.LAPSED
    assert set(mails(session)) - before == (set() if gone == "role" else {first.email})
    with pytest.raises(NotAllowedError):
        end_due(session, by=second, now=now)  # type: ignore[arg-type]


def test_what_was_turned_down_by_many_costs_the_same(session: Session, ready: Round, now: datetime) -> None:
    counts = []
    for number in (1, 6):
        asker = person(session, Role.ADMINISTRATOR, CITY)
        for _ in range(number):
            lost, second = tie_authenticator(person(session, Role.STAFF)), person(session, Role.ADMINISTRATOR, CITY)
            request_act(session, RESET_SECOND_FACTOR, lost, by=asker, now=now)
            withdraw_request(session, RESET_SECOND_FACTOR, lost, by=second, now=now, reason="Nee.")
        session.commit()
        assert asker.grants
        session.expunge_all()
        with QueryCount() as queries:
            found = ended_for(session, asker, now=now)
        assert len({each.by.id for each in found if each.by}) == number
        counts.append(queries.number)
    assert counts[0] == counts[1]


def test_nobody_is_told_of_what_they_took_back_or_may_not_ask_any_more(
    session: Session, ready: Round, people: list[User], now: datetime
) -> None:
    first, _second, _third = people
    request_act(session, OPEN, ready, by=first, now=now)
    withdraw_request(session, OPEN, ready, by=first, now=now)
    request_act(session, OPEN, ready, by=first, now=now)
    boss = person(session, Role.ADMINISTRATOR, CITY)
    revoke_role(session, first.grants[0], seen=first.version, by=boss, now=now)
    assert session.scalars(select(DualRequest.state)).all() == [State.WITHDRAWN, State.LAPSED]
    assert first.email not in mails(session)
    assert ended_for(session, first, now=now) == []


def test_the_workplace_costs_the_same_however_much_waits(
    session: Session, ready: Round, now: datetime, signed_in: SignedIn
) -> None:
    first, second = (person(session, Role.ADMINISTRATOR, CITY) for _ in range(2))
    browser, counts = signed_in(second), []
    for number in (1, 10):
        for _ in range(number):
            request_act(session, RESET_SECOND_FACTOR, tie_authenticator(person(session, Role.STAFF)), by=first, now=now)
        session.commit()
        with QueryCount() as queries:
            browser.get(WORKPLACE)
        counts.append(queries.number)
    assert counts[0] == counts[1]


def test_every_act_has_a_page_that_is_there(app: Flask, ready: Round, session: Session) -> None:
    adapter = app.create_url_adapter(None)
    assert adapter is not None
    for act in declared_acts().values():
        code, plan = VoidedCode(round=ready, commitment=b"c" * 32, spare=None), Proposal(round=ready, number=1)
        thing = {VOID_CODE.name: code, WITHDRAW.name: plan}.get(act.name, ready)
        assert adapter.test(act.path(thing), method="GET"), act.name
