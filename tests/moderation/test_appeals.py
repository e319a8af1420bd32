"""The appeal: by the maker, once, in time; judged by somebody else, for good; and what no row of acts lets out."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from buurtbegroot.accounts.models import Role, User
from buurtbegroot.accounts.queries import subject_of
from buurtbegroot.acts import NotAllowedError, RefusedError
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.mail.messages import compose
from buurtbegroot.mail.models import OutboxMail
from buurtbegroot.moderation.actions import Hiding, ModerationFault, Ruling, ask_for_change, hide_words, keep_words
from buurtbegroot.moderation.actions import show_words as show
from buurtbegroot.moderation.actions.appeals import (
    AppealFault,
    Judgement,
    appeal,
    erase_appeals,
    hand_on_appeal,
    judge_appeal,
)
from buurtbegroot.moderation.actions.reports import Told, report_words
from buurtbegroot.moderation.models import Appeal, Case, CaseState, Ground, Reason
from buurtbegroot.moderation.queries import own_appeals, own_rulings
from buurtbegroot.proposals.models import Proposal
from tests.conftest import Clock
from tests.factories.accounts import person
from tests.moderation.conftest import CANARY, FINE, Aviary
from tests.pages import Browser, SignIn
from tests.refusals import refused

STAYS = Judgement(shown=False, reason=Reason.PERSONAL, explained="Het nummer mag niet.")
BACK = Judgement(shown=True, reason=Ground.MISTAKE, explained="U heeft gelijk.")


def at(proposal: Proposal) -> dict[str, Any]:
    return {"kind": "proposal", "number": proposal.id}


def hidden(aviary: Aviary) -> Proposal:
    aviary.hide()
    return aviary.plans[0]


def judge(aviary: Aviary, judgement: Judgement, by: User) -> None:
    plan = aviary.plans[0]
    judge_appeal(aviary.session, plan, judgement, seen=plan.version, by=by, now=aviary.now)


def state(aviary: Aviary) -> CaseState:
    aviary.session.expire_all()
    return aviary.session.scalars(select(Case.state)).one()


class TestMaker:
    def test_the_mail_leads_to_the_way_back_and_one_appeal(self, aviary: Aviary, signed_in: SignIn) -> None:
        plan, maker = hidden(aviary), signed_in(aviary.maker)
        mail = aviary.session.scalars(select(OutboxMail).where(OutboxMail.template == "moderation_hidden")).one()
        path = mail.values["appeal"]
        with aviary.app.test_request_context():
            body = compose(mail).get_body(("plain",))
        assert body is not None
        assert "zaterdag 5 december 2026" in body.get_content()
        page = maker.get(path)
        assert page.find(f".//a[@href='/plannen/{plan.id}/wijzigen']"), "the kind way first"
        assert "Het telefoonnummer mag niet." in page.text
        assert "zaterdag 5 december 2026" in page.text
        assert plan.stored_body in page.text
        form = page.filled(path)
        assert "x" * 1_001 in maker.post(path, form | {"woorden": "x" * 1_001}, status=422).html
        maker.post(path, form | {"woorden": " "}, status=422)
        maker.post(path, form | {"woorden": "Het is mijn eigen nummer."})
        assert "Uw bezwaar ligt bij iemand anders." in maker.get(path).text
        assert aviary.session.scalars(select(Appeal.words)).all() == ["Het is mijn eigen nummer."]
        with refused(AppealFault.ONCE):
            appeal(aviary.session, plan, "Nog eens.", by=aviary.maker, now=aviary.now)

    def test_a_plan_is_shown_as_on_its_page(self, aviary: Aviary, signed_in: SignIn) -> None:
        aviary.plans[0].body = f"**{CANARY}**\n\n- een\n- twee"
        aviary.hide()
        page = signed_in(aviary.maker).get("moderation.appeal", kind="proposal", number=aviary.plans[0].id)
        assert [each.text for each in page.find(".//main//strong")] == [CANARY]
        assert [each.text for each in page.find(".//section[@aria-labelledby='tekst']//li")] == ["een", "twee"]

    def test_nobody_else_finds_it(self, aviary: Aviary, signed_in: SignIn) -> None:
        plan = aviary.plans[0]
        signed_in(aviary.maker).get("moderation.appeal", status=404, **at(plan))
        hidden(aviary)
        for other in (person(aviary.session), aviary.moderator):
            signed_in(other).get("moderation.appeal", status=404, **at(plan))
            with pytest.raises(NotAllowedError):
                appeal(aviary.session, plan, "Ik ook.", by=other, now=aviary.now)
        answer = Browser(aviary.app).raw("moderation.appeal", **at(plan))
        assert answer.location.startswith("/account/inloggen")

    def test_not_after_its_last_day(self, aviary: Aviary, signed_in: SignIn, clock: Clock) -> None:
        plan, maker = hidden(aviary), signed_in(aviary.maker)
        late = aviary.now.replace(hour=23) + timedelta(days=14)
        with refused(AppealFault.LATE):
            appeal(aviary.session, plan, "Te laat.", by=aviary.maker, now=late)
        appeal(aviary.session, plan, "Net op tijd.", by=aviary.maker, now=late - timedelta(minutes=1))
        aviary.session.rollback()
        clock.now = late
        maker = signed_in(aviary.maker)
        page = maker.get("moderation.appeal", **at(plan))
        assert "Bezwaar maken kan niet meer." in page.text
        assert not page.find(".//form[@id='formulier']")

    def test_it_goes_with_the_account_and_the_words_stay_hidden(self, aviary: Aviary) -> None:
        session, plan = aviary.session, hidden(aviary)
        appeal(session, plan, "Van mij.", by=aviary.maker, now=aviary.now)
        one, _other = (person(session, Role.COORDINATOR, "E") for _ in range(2))
        hand_on_appeal(session, plan, by=one, now=aviary.now)
        given = own_appeals(session, subject_of(aviary.maker))
        assert isinstance(given, list)
        assert [each["words"] for each in given] == ["Van mij."]
        erase_appeals(session, subject_of(aviary.maker), by=aviary.maker, now=aviary.now)
        assert session.scalar(select(func.count()).select_from(Appeal)) == 0
        assert state(aviary) is CaseState.HIDDEN
        assert plan.hidden_at is not None


class TestJudging:
    def test_another_person_judges_and_there_is_no_third_round(self, aviary: Aviary, signed_in: SignIn) -> None:
        session, plan = aviary.session, hidden(aviary)
        appeal(session, plan, "Het klopt.", by=aviary.maker, now=aviary.now)
        other = person(session, Role.COORDINATOR, "E")
        aviary.moderator.name = "Samira"
        session.commit()
        desk = signed_in(aviary.moderator)
        page = desk.get("moderation_organiser.appeal", **at(plan))
        assert "U nam het eerste besluit." in page.text
        assert not page.find(".//form[@id='formulier']")
        path = desk.path("moderation_organiser.appeal", **at(plan))
        assert desk.get("moderation_organiser.index", stand="bezwaar").find(f".//ol//a[@href='{path}']")
        judge_page = signed_in(other)
        assert judge_page.raw("moderation_organiser.judge", **at(plan)).location == path
        page = judge_page.get(path)
        assert "Samira nam het eerste besluit." in page.text
        assert "Het klopt." in page.text
        assert "Het telefoonnummer mag niet." in page.text
        form = page.filled(path)
        judge_page.post(path, form | {"doe": "verberg", "reden": "gegevens", "uitleg": ""}, status=422)
        judge_page.post(path, form | {"doe": "verberg", "reden": "gegevens", "uitleg": "Toch niet."})
        assert state(aviary) is CaseState.HIDDEN
        mail = session.scalars(select(OutboxMail).where(OutboxMail.template == "moderation_judged")).one()
        assert (mail.recipient, mail.values["shown"], mail.values["explained"]) == (
            aviary.maker.email,
            False,
            "Toch niet.",
        )
        with refused(AppealFault.ONCE):
            appeal(session, plan, "Nog eens.", by=aviary.maker, now=aviary.now)
        assert "de tekst blijft verborgen" in signed_in(aviary.maker).get("moderation.appeal", **at(plan)).text
        assert "al beoordeeld" in desk.get(path).text

    def test_who_hid_it_or_is_tied_to_either_does_not_judge(self, aviary: Aviary) -> None:
        session, plan = aviary.session, hidden(aviary)
        appeal(session, plan, "Het klopt.", by=aviary.maker, now=aviary.now)
        second = person(session, Role.COORDINATOR, "E")
        second.grants[0].granted_by = aviary.moderator.pseudonym
        tied = person(session, Role.COORDINATOR, "E")
        tied.grants[0].granted_by = aviary.maker.pseudonym
        session.commit()
        for by in (aviary.moderator, second, tied):
            with refused(AppealFault.NOT_YOURS):
                judge(aviary, BACK, by)
            session.rollback()
        with pytest.raises(NotAllowedError):
            judge(aviary, BACK, person(session, Role.COORDINATOR, "K"))
        with refused(ModerationFault.APPEALED):
            show(session, plan, FINE, seen=plan.version, by=aviary.moderator, now=aviary.now)

    def test_nobody_who_decided_before_judges_a_later_appeal(self, aviary: Aviary, signed_in: SignIn) -> None:
        session, plan = aviary.session, hidden(aviary)
        appeal(session, plan, "Het klopt.", by=aviary.maker, now=aviary.now)
        second, third, fresh = (person(session, Role.COORDINATOR, "E") for _ in range(3))
        judge(aviary, BACK, second)
        again = Hiding(reason=Reason.HATE)
        hide_words(session, plan, again, seen=plan.version, by=third, now=aviary.now + timedelta(hours=1))
        appeal(session, plan, "Weer niet.", by=aviary.maker, now=aviary.now + timedelta(hours=2))
        session.commit()
        for by in (aviary.moderator, second, third):
            with refused(AppealFault.NOT_YOURS):
                judge(aviary, BACK, by)
            session.rollback()
        page = signed_in(aviary.moderator).get("moderation_organiser.appeal", **at(plan))
        assert "U besloot eerder over deze tekst." in page.text
        assert not page.find(".//form[@id='formulier']")
        judge(aviary, BACK, fresh)
        assert state(aviary) is CaseState.CLOSED

    def test_what_is_not_mine_goes_to_a_colleague(self, aviary: Aviary, signed_in: SignIn) -> None:
        session, plan = aviary.session, hidden(aviary)
        appeal(session, plan, "Het klopt.", by=aviary.maker, now=aviary.now)
        one, other = (person(session, Role.COORDINATOR, "E") for _ in range(2))
        session.commit()
        desk = signed_in(one)
        path = desk.path("moderation_organiser.appeal", **at(plan))
        desk.send("moderation_organiser.hand_on", on=path, **at(plan))
        assert "Dit bezwaar is niet aan u." in desk.get(path).text
        last = signed_in(other)
        last.send("moderation_organiser.hand_on", on=path, **at(plan))
        page = last.get(path)
        assert "Geen collega kan dit bezwaar beoordelen." in page.text
        assert page.find(".//form[@id='formulier']"), "who is left can still judge it"
        with refused(AppealFault.NOT_YOURS):
            judge(aviary, BACK, one)
        session.rollback()
        judge(aviary, BACK, other)
        assert state(aviary) is CaseState.CLOSED
        assert own_rulings(session, subject_of(one)) == {
            "texts": [],
            "cases": [],
            "appeals": [],
            "left_to_a_colleague": [session.scalars(select(Appeal.id)).one()],
        }

    def test_where_nobody_is_left_its_page_says_who_can_change_that(self, aviary: Aviary, signed_in: SignIn) -> None:
        session, plan = aviary.session, hidden(aviary)
        appeal(session, plan, "Het klopt.", by=aviary.maker, now=aviary.now)
        other, administrator = person(session, Role.COORDINATOR, "E"), person(session, Role.ADMINISTRATOR, "0363")
        aviary.moderator.grants[0].granted_by = administrator.pseudonym
        session.commit()
        first, boss = signed_in(aviary.moderator), signed_in(administrator)
        path = first.path("moderation_organiser.appeal", **at(plan))
        assert "Daarom beoordeelt een ander dit bezwaar." in first.get(path).text
        session.delete(other.grants[0])
        session.commit()
        page = first.get(path)
        assert "Nu kan niemand dit bezwaar beoordelen." in page.text
        assert not page.find(".//main//a[@href='/werkplek/mensen']"), "that page is for administrators"
        assert boss.get(path).find(".//main//a[@href='/werkplek/mensen']")
        found = person(session, Role.COORDINATOR, "E")
        found.grants[0].granted_by = administrator.pseudonym
        session.commit()
        assert "Nu kan niemand" not in boss.get(path).text
        judge(aviary, BACK, found)

    def test_of_two_judges_the_second_reads_what_the_first_said(self, aviary: Aviary, signed_in: SignIn) -> None:
        session, plan = aviary.session, hidden(aviary)
        appeal(session, plan, "Het klopt.", by=aviary.maker, now=aviary.now)
        one, other = (signed_in(person(session, Role.COORDINATOR, "E")) for _ in range(2))
        path = one.path("moderation_organiser.appeal", **at(plan))
        forms = [each.get(path).filled(path) for each in (one, other)]
        one.post(path, forms[0] | {"doe": "tonen", "grond": "mag", "uitleg": "Mag."})
        page = other.post(path, forms[1] | {"doe": "verberg", "reden": "haat", "uitleg": "Mag niet."}, status=409)
        assert "al beoordeeld" in page.text
        assert "Mag niet." in page.html
        session.expire_all()
        assert plan.hidden_at is None

    def test_a_judgement_stays_whoever_writes(self, aviary: Aviary) -> None:
        session, plan = aviary.session, hidden(aviary)
        made = appeal(session, plan, "Het klopt.", by=aviary.maker, now=aviary.now)
        judge(aviary, STAYS, person(session, Role.COORDINATOR, "E"))
        made.answer = "Iets anders."
        with pytest.raises(DBAPIError, match="append-only"):
            session.flush()


ACTS = ["report", "keep", "ask", "hide", "show", "appeal", "stays", "back"]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.sampled_from(ACTS), max_size=7))
def test_after_any_acts_a_hidden_word_is_told_to_maker_and_moderators_only(aviary: Aviary, acts: list[str]) -> None:
    session, plan, now, by = aviary.session, aviary.plans[0], aviary.now, aviary.moderator
    other = person(session, Role.COORDINATOR, "E")
    hiding, told = Hiding(reason=Reason.PERSONAL, title_too=True), Told(reason=Reason.HATE, language="nl")
    doing: dict[str, Callable[..., object]] = {
        "keep": partial(keep_words, session, plan, FINE, by=by),
        "ask": partial(ask_for_change, session, plan, Ruling(reason=Reason.HATE), by=by),
        "hide": partial(hide_words, session, plan, hiding, by=by),
        "show": partial(show, session, plan, FINE, by=by),
        "stays": partial(judge_appeal, session, plan, STAYS, by=other),
        "back": partial(judge_appeal, session, plan, BACK, by=other),
    }
    for act in acts:
        try:
            with session.begin_nested():
                if act == "report":
                    report_words(session, plan, told, by=person(session), now=now)
                elif act == "appeal":
                    appeal(session, plan, "Het klopt.", by=aviary.maker, now=now)
                else:
                    doing[act](seen=plan.version, now=now)
        except RefusedError:
            session.expire_all()
    session.commit()
    public = [
        plan.path,
        "/plannen",
        f"/plannen?zoek={CANARY}",
        f"/logboek?over={plan.key}",
        "/open-data/plannen-machine.csv",
    ]
    found = aviary.singing(Browser(aviary.app), public)
    assert bool(found) is (plan.hidden_at is None), (acts, found)
    with aviary.app.test_request_context():
        for mail in session.scalars(select(OutboxMail)):
            body = compose(mail).get_body(("plain",))
            assert body is not None
            assert CANARY not in f"{compose(mail)['Subject']} {body.get_content()}".casefold()
    lines = session.scalars(select(AuditEntry).where(AuditEntry.action.startswith("moderation."))).all()
    assert not any(CANARY in str(line.public_payload) for line in lines)
    states = {CaseState.HIDDEN, CaseState.APPEALED}
    cases = session.scalars(select(Case.state)).all()
    assert plan.hidden_at is None or set(cases) <= states
    if plan.hidden_at:  # the next example begins with what shows
        session.delete(session.scalars(select(Appeal)).first()) if CaseState.APPEALED in cases else None
        for case in session.scalars(select(Case)):
            case.state = CaseState.HIDDEN
        session.flush()
        show(session, plan, FINE, seen=plan.version, by=by, now=now)
        session.commit()
