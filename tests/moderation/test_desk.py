"""The desk: one task for one text, judged as it was seen, by one moderator, who is shown what goes out."""

import dataclasses
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role, User
from buurtbegroot.acts import ChangedSinceError, RefusedError
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.core.phases import Phase
from buurtbegroot.database import lock_as_seen, writing
from buurtbegroot.discussion.actions import Remark, answer, contribute
from buurtbegroot.discussion.models.threads import About, Stance
from buurtbegroot.extensions import db
from buurtbegroot.mail.messages import compose
from buurtbegroot.mail.models import OutboxMail
from buurtbegroot.moderation.actions import Hiding, ModerationFault, Ruling, ask_for_change, hide_words, keep_words
from buurtbegroot.moderation.actions.reports import Told, report_words
from buurtbegroot.moderation.domain import late_before
from buurtbegroot.moderation.models import Case, CaseState, Ground, Reason
from buurtbegroot.moderation.queries import SIZE
from buurtbegroot.proposals.actions import Verdict, decide_proposal, edit_proposal
from buurtbegroot.proposals.models import Proposal, ProposalStatus
from buurtbegroot.proposals.queries import draft_of
from buurtbegroot.timezone import AMSTERDAM
from tests.conftest import NOW, Clock
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.factories.discussion import contribution
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.live import live
from tests.moderation.conftest import FINE, Aviary, tidied
from tests.pages import QueryCount, SignIn
from tests.refusals import refused

REMARK = Remark(body="Wie geeft er water?", author_name="Ineke", stance=Stance.QUESTION)
TOLD = Told(reason=Reason.ABUSE, language="nl")
SURE = {"stap": "doe"}


def at(proposal: Proposal) -> dict[str, Any]:
    return {"kind": "proposal", "number": proposal.id}


def reported(aviary: Aviary, proposal: Proposal | None = None, *, reason: Reason = Reason.ABUSE) -> Proposal:
    found = proposal or aviary.plans[0]
    told = Told(reason=reason, language="nl")
    report_words(aviary.session, found, told, by=person(aviary.session), now=aviary.now)
    aviary.session.commit()
    return found


def case_of(session: Session) -> Case:
    session.expire_all()
    return session.scalars(select(Case)).one()


def plain(app: Flask, mail: OutboxMail) -> str:
    with app.test_request_context():
        body = compose(mail).get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def text_of(page: Any) -> str:
    return " ".join(page.text_of(".//div[@class='bb-preview__paper bb-stack bb-stack--sm']").split())


class TestDesk:
    def test_the_oldest_is_first_late_is_said_and_filters_narrow(
        self, aviary: Aviary, signed_in: SignIn, clock: Clock
    ) -> None:
        session = aviary.session
        other = plan(session, aviary.rounds[0], now=NOW, status=ProposalStatus.SUBMITTED, title="Reclamezuil")
        reported(aviary)
        aviary.now += timedelta(days=3)
        reported(aviary, other, reason=Reason.ADVERTISING)
        clock.now = aviary.now + timedelta(hours=1)
        desk = signed_in(aviary.moderator)
        page = desk.get("moderation_organiser.index")
        assert [link.get("href") for link in page.find(".//ol//h2/a")] == [
            f"/werkplek/meldingen/proposal/{each.id}" for each in (aviary.plans[0], other)
        ]
        (late,) = page.find(".//li[@class='is-late']")
        assert "Te laat" in "".join(late.itertext())
        for query, found in (
            ("reden=reclame", 1),
            ("reden=haat", 0),
            ("soort=proposal&gebied=E", 2),
            ("stand=klaar", 0),
        ):
            page = desk.get(f"/werkplek/meldingen?{query}")
            assert len(page.find(".//ol//h2/a")) == found, query
        assert "@" not in page.text_of(".//main")

    def test_pages_go_by_key(self, aviary: Aviary, signed_in: SignIn) -> None:
        session, seen = aviary.session, list[str]()
        for _ in range(SIZE + 2):
            reported(aviary, plan(session, aviary.rounds[0], now=NOW, status=ProposalStatus.SUBMITTED))
        desk, address = signed_in(aviary.moderator), "/werkplek/meldingen"
        while address:
            page = desk.get(address)
            seen += [str(link.get("href")) for link in page.find(".//ol//h2/a")]
            address = next((str(link.get("href")) for link in page.find(".//a[@rel='next']")), "")
        assert len(seen) == len(set(seen)) == SIZE + 2
        for odd in ("x", "9" * 17 + "-1", "-", "1-x", "٣-1"):
            desk.get(f"/werkplek/meldingen?na={odd}&stand=x&soort={'x' * 99}&reden=x&gebied=x")

    def test_reads_things_kind_by_kind(self, aviary: Aviary, signed_in: SignIn) -> None:
        session, by, numbers = aviary.session, person(aviary.session), list[int]()
        desk = signed_in(aviary.moderator)
        for more in (1, 8):
            for _ in range(more):
                made = plan(session, aviary.rounds[0], now=NOW, status=ProposalStatus.SUBMITTED, author=person(session))
                said = contribute(session, About(made.round, made), REMARK, by=by, now=NOW)
                reply = answer(session, said, Remark(body="Ja.", author_name="An"), by=person(session), now=NOW)
                for each in (made, said, reply):
                    report_words(session, each, TOLD, by=person(session), now=aviary.now)
            session.commit()
            session.expire_all()
            with QueryCount() as queries:
                page = desk.get("moderation_organiser.index")
            numbers.append(queries.number)
        assert len(page.find(".//ol//h2/a")) == SIZE
        assert numbers[0] == numbers[1] <= 12, queries.statements
        for path in (f"proposal/{made.id}", f"contribution/{said.id}", f"contribution/{reply.id}"):
            session.expire_all()
            with QueryCount() as queries:
                desk.get(f"/werkplek/meldingen/{path}")
            assert queries.number <= 12, queries.statements

    def test_a_narrowed_list_is_counted_so_far_and_no_further(
        self, aviary: Aviary, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for _ in range(3):
            reported(aviary, plan(aviary.session, aviary.rounds[0], now=NOW, status=ProposalStatus.SUBMITTED))
        desk = signed_in(aviary.moderator)
        for most, said in ((3, "3 teksten in totaal"), (2, "Meer dan 2 teksten")):
            monkeypatch.setattr("buurtbegroot.moderation.queries.MOST_COUNTED", most)
            monkeypatch.setattr("buurtbegroot.moderation.organiser_views.MOST_COUNTED", most)
            assert said in desk.get("/werkplek/meldingen?soort=proposal").text
            assert "3 teksten in totaal" in desk.get("/werkplek/meldingen").text
        assert "3 wachten" in desk.get("/werkplek").text

    def test_only_texts_with_markup_are_read_as_such(self, aviary: Aviary, signed_in: SignIn) -> None:
        titled = reported(aviary, plan(aviary.session, aviary.rounds[0], now=NOW, title="1. Bank *voor* het plein"))
        said = contribution(titled, now=NOW, body="Kijk op **het plein**")
        aviary.session.add(said)
        aviary.session.flush()
        report_words(aviary.session, said, Told(reason=Reason.HATE, language="nl"), by=person(aviary.session), now=NOW)
        aviary.session.commit()
        desk = signed_in(aviary.moderator)
        listed = [link.text for link in desk.get("/werkplek/meldingen").find(".//ol//h2/a")]
        assert {"1. Bank *voor* het plein", "Kijk op het plein"} <= set(listed)
        assert "1. Bank *voor* het plein" in desk.get(f"/melden/proposal/{titled.id}").text

    def test_how_long_it_waits_narrows_too(self, aviary: Aviary, signed_in: SignIn, clock: Clock) -> None:
        reported(aviary)
        clock.now = aviary.now + timedelta(days=4)
        desk = signed_in(aviary.moderator)
        for age, found in (("oud", 1), ("nieuw", 0), ("x", 1)):
            page = desk.get(f"/werkplek/meldingen?leeftijd={age}")
            assert len(page.find(".//ol//h2/a")) == found, age

    def test_elsewhere_it_is_not_there(self, aviary: Aviary, signed_in: SignIn) -> None:
        plan_ = reported(aviary)
        elsewhere = signed_in(person(aviary.session, Role.COORDINATOR, "K"))
        assert "Er wacht niets op u." in elsewhere.get("moderation_organiser.index").text
        elsewhere.get("moderation_organiser.judge", status=404, **at(plan_))
        elsewhere.post("moderation_organiser.judge", {"doe": "verberg", **SURE}, status=404, **at(plan_))
        staff = signed_in(person(aviary.session, Role.STAFF, "E"))
        staff.get("moderation_organiser.index", status=404)
        assert "Gemelde teksten" not in staff.get("rounds_organiser.index").text
        signed_in(person(aviary.session)).get("moderation_organiser.judge", status=404, **at(plan_))

    def test_whoever_made_it_learns_nothing_of_reports(self, aviary: Aviary, signed_in: SignIn) -> None:
        own, plan_ = person(aviary.session, Role.COORDINATOR, "E"), aviary.plans[0]
        plan_.author = own
        aviary.session.commit()
        desk = signed_in(own)

        def seen() -> list[str]:
            queries = ("", *(f"reden={each}" for each in Reason), "soort=proposal", "gebied=E", "stand=klaar", "na=0-0")
            return [desk.get(f"/werkplek/meldingen?{query}").text for query in queries]

        path = desk.path("moderation_organiser.judge", **at(plan_))
        form = {"doe": "laten", "reden": "mening", "zaak": "0", "versie": "1"}
        before = [*seen(), desk.get(path).text, desk.post(path, form, status=409).text]
        reported(aviary)
        assert [*seen(), desk.get(path).text, desk.post(path, form, status=409).text] == before

    def test_who_is_tied_to_the_maker_sees_the_row_and_no_reason(self, aviary: Aviary, signed_in: SignIn) -> None:
        own, giver = (person(aviary.session, Role.COORDINATOR, "E") for _ in range(2))
        for grant in own.grants:
            grant.granted_by = giver.pseudonym
        aviary.plans[0].author = own
        plan_, desk = reported(aviary), signed_in(giver)
        for page in (desk.get("moderation_organiser.index"), desk.get("moderation_organiser.judge", **at(plan_))):
            assert not page.find(".//form[@id='formulier']")
            assert "Schelden of bedreigen" not in page.text_of(".//ol") + page.text_of(".//table")
            assert "mens meldde" not in page.text
        assert "Een collega kijkt hiernaar." in desk.get("moderation_organiser.index").text
        for reason in Reason:
            assert not desk.get(f"/werkplek/meldingen?reden={reason}").find(".//ol//h2/a")


class TestJudging:
    def test_a_contribution_is_judged_by_name_stance_and_between_its_neighbours(
        self, aviary: Aviary, signed_in: SignIn
    ) -> None:
        session, about = aviary.session, About(aviary.rounds[0], aviary.plans[0])
        made = [
            contribute(session, about, dataclasses.replace(REMARK, author_name=name), by=person(session), now=NOW)
            for name in ("Ineke", "Peter", "Fatma")
        ]
        reply = answer(session, made[1], Remark(body="Rustig.", author_name="Joris"), by=person(session), now=NOW)
        report_words(session, made[1], TOLD, by=person(session), now=aviary.now)
        report_words(session, reply, TOLD, by=person(session), now=aviary.now)
        session.commit()
        desk = signed_in(aviary.moderator)
        assert "Reactie van Peter" in desk.get("moderation_organiser.index").text
        page = desk.get(f"/werkplek/meldingen/contribution/{made[1].id}")
        assert page.text_of(".//h1") == "Reactie van Peter"
        assert "Peter" in page.text_of(".//div[@class='bb-case']")
        assert "Vraag" in page.text_of(".//div[@class='bb-case']")
        around = ["".join(each.itertext()) for each in page.find(".//div[@class='bb-around']")]
        assert [name in text for name, text in zip(("Ineke", "Joris", "Fatma"), around, strict=True)] == [True] * 3
        page = desk.get(f"/werkplek/meldingen/contribution/{reply.id}")
        assert page.text_of(".//h1") == "Antwoord van Joris"
        assert "Peter" in page.text_of(".//div[@class='bb-around']")
        form = page.filled(f"/werkplek/meldingen/contribution/{reply.id}")
        hide = {"doe": "verberg", "reden": "schelden", **SURE}
        desk.post(f"/werkplek/meldingen/contribution/{reply.id}", form | hide)
        mail = plain(aviary.app, session.scalars(select(OutboxMail)).one())
        assert "Een moderator verborg uw antwoord bij plan 1 in" in mail
        assert "Joris" not in mail

    def test_what_is_previewed_is_what_is_mailed_and_only_then_is_it_done(
        self, aviary: Aviary, signed_in: SignIn
    ) -> None:
        plan_, desk = reported(aviary), signed_in(aviary.moderator)
        aviary.maker.language = "en"
        aviary.session.commit()
        path = desk.path("moderation_organiser.judge", **at(plan_))
        form = desk.get(path).filled(path)
        assert "Kies wat u doet." in desk.post(path, form, status=422).text
        wrong = desk.post(path, form | {"doe": "verberg", "reden": "mening"}, status=422)
        assert "Kies een reden uit de lijst." in wrong.text
        chosen = {"doe": "verberg", "reden": "haat", "uitleg": "Niet doen.\n\nEcht niet.", "titel": "y"}
        page = desk.post(path, form | chosen, status=200)
        assert case_of(aviary.session).state is CaseState.OPEN
        assert "Verberg dit plan" in page.text_of(".//button[@name='stap']")
        preview = text_of(page)
        desk.post(path, page.filled(path) | SURE)
        aviary.session.expire_all()
        assert (plan_.hidden_because, plan_.hides_title) == (Reason.HATE, True)
        mail = aviary.session.scalars(select(OutboxMail).order_by(OutboxMail.id.desc())).first()
        assert mail is not None
        assert preview.endswith(" ".join(plain(aviary.app, mail).split()))
        assert "Niet doen. Echt niet." in preview
        page = desk.get(path)
        assert plan_.stored_body in page.text, "who moderates still reads it"
        again = page.filled(path) | {"doe": "tonen", "grond": "vergissing"} | SURE
        desk.post(path, again)
        aviary.session.expire_all()
        assert plan_.hidden_at is None
        assert [*aviary.session.scalars(select(AuditEntry.action).order_by(AuditEntry.seq.desc()).limit(2))] == [
            "moderation.shown",
            "moderation.hidden",
        ]

    def test_what_changed_meanwhile_is_not_judged_and_the_words_stay(self, aviary: Aviary, signed_in: SignIn) -> None:
        plan_, desk = reported(aviary), signed_in(aviary.moderator)
        path = desk.path("moderation_organiser.judge", **at(plan_))
        form = desk.get(path).filled(path) | {"doe": "laten", "grond": "mening", "uitleg": "Mag best."} | SURE
        lock_as_seen(aviary.session, plan_, seen=plan_.version)
        aviary.session.commit()
        page = desk.post(path, form, status=409)
        assert "De tekst is veranderd" in page.text
        assert "Mag best." in page.html
        assert case_of(aviary.session).state is CaseState.OPEN
        desk.post(path, page.filled(path) | SURE)
        assert case_of(aviary.session).state is CaseState.CLOSED

    def test_the_second_moderator_reads_what_the_first_decided(self, aviary: Aviary, signed_in: SignIn) -> None:
        session, plan_ = aviary.session, reported(aviary)
        first, second = (person(session, Role.COORDINATOR, "E") for _ in range(2))
        first.name = "Youssef"
        session.commit()
        one, other = signed_in(first), signed_in(second)
        path = one.path("moderation_organiser.judge", **at(plan_))
        keep, ask = {"doe": "laten", "grond": "mening"}, {"doe": "vraag", "reden": "haat"}
        for act, said in ((keep, "liet deze tekst staan"), (ask, "vroeg om een")):
            reported(aviary)
            forms = [each.get(path).filled(path) for each in (one, other)]
            sent = [form | act | SURE for form in forms]
            one.post(path, sent[0])
            lines = len(session.scalars(select(AuditEntry.seq)).all())
            page = other.post(path, sent[1] | {"uitleg": "Ik ook."}, status=409)
            assert f"Youssef {said}" in page.text
            assert "Ik ook." in page.html
            assert len(session.scalars(select(AuditEntry.seq)).all()) == lines

    def test_a_change_that_was_asked_for_comes_back_once_made_or_after_a_week(self, aviary: Aviary) -> None:
        session, plan_ = aviary.session, reported(aviary)
        ruling = Ruling(reason=Reason.PERSONAL, explained="Zonder nummer mag het.")
        ask_for_change(session, plan_, ruling, seen=plan_.version, by=aviary.moderator, now=aviary.now)
        session.commit()
        mail = session.scalars(select(OutboxMail)).one()
        assert (mail.template, mail.recipient) == ("moderation_asked", aviary.maker.email)
        assert "Zonder nummer mag het." in plain(aviary.app, mail)
        assert (case_of(session).state, plan_.hidden_at) == (CaseState.ASKED, None)
        edit_proposal(session, plan_, draft_of(plan_), seen=plan_.version, by=aviary.maker, now=aviary.now)
        session.commit()
        assert (case_of(session).state, case_of(session).has_changed) == (CaseState.OPEN, True)
        ask_for_change(session, plan_, ruling, seen=plan_.version, by=aviary.moderator, now=aviary.now)
        case_of(session).since -= timedelta(days=7)
        session.commit()
        tidied(aviary.app)
        assert case_of(session).state is CaseState.OPEN

    def test_a_decision_on_a_hidden_plan_is_no_change_of_its_text(self, aviary: Aviary) -> None:
        session, plan_ = aviary.session, aviary.plans[0]
        aviary.hide()
        verdict = Verdict(admitted=False, reason="Te duur.")
        decide_proposal(session, plan_, verdict, seen=plan_.version, by=aviary.moderator, now=aviary.now)
        assert (case_of(session).state, case_of(session).has_changed) == (CaseState.HIDDEN, False)

    def test_a_changed_text_that_is_hidden_waits_for_a_moderator(self, aviary: Aviary) -> None:
        session, plan_ = aviary.session, aviary.plans[0]
        aviary.hide()
        edit_proposal(session, plan_, draft_of(plan_), seen=plan_.version, by=aviary.maker, now=aviary.now)
        session.commit()
        assert (case_of(session).state, case_of(session).has_changed) == (CaseState.OPEN, True)
        aviary.show()
        assert case_of(session).state is CaseState.CLOSED

    def test_what_nobody_reported_or_what_is_hidden_is_not_left(self, aviary: Aviary) -> None:
        session, plan_ = aviary.session, aviary.plans[0]
        keep: dict[str, Any] = {"seen": plan_.version, "by": aviary.moderator, "now": aviary.now}
        with refused(ModerationFault.NOTHING):
            keep_words(session, plan_, FINE, **keep)
        session.rollback()
        aviary.hide()
        with refused(ModerationFault.HIDDEN):
            keep_words(session, plan_, FINE, **keep | {"seen": plan_.version})


@pytest.mark.parametrize(
    ("now", "late"),
    [
        (datetime(2026, 12, 1, 10, tzinfo=AMSTERDAM), datetime(2026, 11, 30, 10, tzinfo=AMSTERDAM)),
        (datetime(2026, 11, 30, 10, tzinfo=AMSTERDAM), datetime(2026, 11, 27, 10, tzinfo=AMSTERDAM)),
        (datetime(2026, 11, 29, 10, tzinfo=AMSTERDAM), datetime(2026, 11, 27, tzinfo=AMSTERDAM)),
        (datetime(2026, 11, 28, 10, tzinfo=AMSTERDAM), datetime(2026, 11, 27, tzinfo=AMSTERDAM)),
    ],
)
def test_late_is_more_than_one_working_day(now: datetime, late: datetime) -> None:
    assert late_before(now) == late


@pytest.mark.race
def test_of_two_moderators_at_once_one_decides(tmp_path: Path) -> None:
    with live(tmp_path, CLOCK=lambda: NOW) as app:
        with app.app_context(), writing():
            session = db.session()
            round_ = round_in(session, Phase.COCREATION, areas=small_city(session), now=NOW)
            found = plan(session, round_, now=NOW, status=ProposalStatus.SUBMITTED, author=person(session))
            report_words(session, found, TOLD, by=person(session), now=NOW)
            moderators = [person(session, Role.COORDINATOR, "E").id for _ in range(2)]
            session.commit()
            plan_id, seen = found.id, found.version
        for kinds in (("keep", "keep"), ("keep", "hide")):
            assert _at_once(app, plan_id, dict(zip(moderators, kinds, strict=True)), seen=seen) == 1


def _at_once(app: Flask, plan_id: int, acts: dict[int, str], *, seen: int) -> int:
    """Let moderators act on one plan at the same moment, as their pages showed it; return how many could."""
    start, done, faults = threading.Barrier(len(acts)), list[str](), list[Exception]()
    with app.app_context():
        rulings = db.session.scalars(select(Case.rulings)).one()

    def act(user_id: int, kind: str) -> None:
        with app.app_context(), writing():
            session = db.session()
            start.wait()
            try:
                found, by = session.get_one(Proposal, plan_id), session.get_one(User, user_id)
                if kind == "keep":
                    ruling = Ruling(reason=Ground.OPINION, rulings=rulings)
                    keep_words(session, found, ruling, seen=seen, by=by, now=NOW)
                else:
                    hiding = Hiding(reason=Reason.HATE, rulings=rulings)
                    hide_words(session, found, hiding, seen=seen, by=by, now=NOW)
                session.commit()
                done.append(kind)
            except (ChangedSinceError, RefusedError):
                session.rollback()
            except Exception as error:  # told below
                faults.append(error)

    threads = [threading.Thread(target=act, args=each) for each in acts.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    with app.app_context(), writing():  # somebody reports it again, so that there is something to judge
        session = db.session()
        found = session.get_one(Proposal, plan_id)
        if found.hidden_at is None:
            report_words(session, found, TOLD, by=person(session), now=NOW)
        session.commit()
    return len(done)
