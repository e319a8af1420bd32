"""Pages of discussions: what residents, makers and moderators see and do on them."""

import csv
import io
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role
from buurtbegroot.discussion.actions import edit_contribution, find_useful
from buurtbegroot.discussion.models import Contribution
from buurtbegroot.discussion.models.threads import Stance
from buurtbegroot.moderation.actions import Hiding, hide_words
from buurtbegroot.moderation.models import Reason
from buurtbegroot.proposals.domain.drafts import Content
from buurtbegroot.proposals.models import Proposal, ProposalStatus
from buurtbegroot.proposals.models.changes import revision_after
from buurtbegroot.rounds.models import ReadFirst
from buurtbegroot.waiting.models import WaitingForm
from tests.conftest import Clock
from tests.discussion.conftest import Say
from tests.factories.accounts import person
from tests.factories.proposals import plan
from tests.factories.tally import open_vote
from tests.pages import Browser, Page, QueryCount, SignIn
from tests.waiting.test_support import mailed

WRITTEN = {"soort": "vraag", "tekst": "Blijft er **genoeg** stoep over?", "naam": "Joris"}


def shown(page: Page) -> list[str]:
    return [" ".join("".join(each.itertext()).split()) for each in page.find(".//li[@class='bb-comment']")]


class TestWriting:
    def test_a_resident_writes_and_reads_it_back(
        self, session: Session, signed_in: SignIn, discussed: Proposal
    ) -> None:
        browser = signed_in(person(session))
        path = f"/plannen/{discussed.id}/reacties/nieuw"
        answer = browser.post(path, browser.get(path).filled(path) | WRITTEN)
        found = session.scalars(select(Contribution)).one()
        assert answer.response.location == found.path
        page = browser.get(f"/plannen/{discussed.id}")
        assert "1 reactie en 0 antwoorden, van 1 mens" in page.text
        assert "<strong>genoeg</strong>" in page.html
        assert "Nog open" in shown(page)[0]

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"soort": ""}, "Kies wat u wilt zeggen"),
            ({"soort": "antwoord"}, "Kies wat u wilt zeggen"),
            ({"tekst": "\u200b\u2060"}, "Schrijf eerst iets."),
            ({"tekst": ">\n\n-"}, "Schrijf eerst iets."),
            ({"tekst": "a" * 2_001}, "Gebruik niet meer dan 2000 tekens."),
            ({"naam": "Gemeente Amsterdam"}, "Deze naam lijkt op die van een organisator."),
        ],
    )
    def test_what_cannot_be_comes_back_whole(
        self, session: Session, signed_in: SignIn, discussed: Proposal, wrong: dict[str, str], said: str
    ) -> None:
        browser = signed_in(person(session))
        path = f"/plannen/{discussed.id}/reacties/nieuw"
        page = browser.post(path, browser.get(path).filled(path) | WRITTEN | wrong, status=422)
        assert said in page.text
        assert page.filled(path)["tekst"] == [wrong.get("tekst", WRITTEN["tekst"]).strip("\u200b\u2060")]
        assert session.scalars(select(Contribution)).all() == []

    def test_a_round_has_a_discussion_of_its_own(
        self, session: Session, signed_in: SignIn, discussed: Proposal, say: Say
    ) -> None:
        browser, slug = signed_in(person(session)), discussed.round.slug
        say("Over het plan.")
        path = f"/rondes/{slug}/reacties/nieuw"
        browser.post(path, browser.get(path).filled(path) | WRITTEN)
        page = browser.get(f"/rondes/{slug}/reacties")
        assert len(shown(page)) == 1
        assert "Over het plan." not in page.text
        assert "1 vraag staat nog open." in browser.get(f"/rondes/{slug}").text

    def test_the_page_of_the_plan_has_the_form(self, session: Session, signed_in: SignIn, discussed: Proposal) -> None:
        browser, page_path = signed_in(person(session)), f"/plannen/{discussed.id}"
        path = f"{page_path}/reacties/nieuw"
        form = browser.get(page_path).filled(path)
        page = browser.post(path, form | WRITTEN | {"naam": ""}, status=422)
        assert page.filled(path)["tekst"] == [WRITTEN["tekst"]]
        browser.post(path, page.filled(path) | {"naam": "Joris"})
        assert "<strong>genoeg</strong>" in browser.get(page_path).html

    def test_a_discussion_that_ended_is_read_on_the_page_of_the_plan(
        self, browser: Browser, discussed: Proposal, say: Say, clock: Clock, now: datetime
    ) -> None:
        say("Goed plan.")
        clock.now = now + timedelta(days=60)
        page = browser.get(f"/plannen/{discussed.id}")
        assert "Goed plan." in page.text
        assert "Meepraten kon tot" in page.text
        assert not page.find(".//form[@id='formulier']")

    def test_html_stays_text(self, browser: Browser, discussed: Proposal, say: Say) -> None:
        say("<script>alert(1)</script> # geen kop\n\n# geen kop")
        page = browser.get(f"/plannen/{discussed.id}")
        assert "<script>alert(1)" not in page.html
        assert "geen kop" not in [each.text for each in page.find(".//h3")]

    def test_a_text_says_that_its_language_is_unknown(self, browser: Browser, discussed: Proposal, say: Say) -> None:
        said = say("Güzel bir fikir.")
        for path in (f"/plannen/{discussed.id}", said.path):
            marked = ["".join(each.itertext()) for each in browser.get(path).find(".//*[@lang='']")]
            assert any("Güzel" in text for text in marked), path

    def test_too_many_have_to_wait_and_keep_their_text(
        self, app: Flask, monkeypatch: pytest.MonkeyPatch, session: Session, signed_in: SignIn, discussed: Proposal
    ) -> None:
        monkeypatch.setitem(app.config, "CONTRIBUTIONS", "1 per minute")
        monkeypatch.setitem(app.config, "RATELIMIT_ENABLED", True)
        browser = signed_in(person(session))
        path = f"/plannen/{discussed.id}/reacties/nieuw"
        browser.post(path, browser.get(path).filled(path) | WRITTEN)
        page = browser.post(path, browser.get(path).filled(path) | WRITTEN | {"tekst": "Nog een."}, status=429)
        assert "Over 60 seconden kan het weer." in page.text
        assert "Nog een." in page.html
        assert signed_in(person(session)).post(path, browser.get(path).filled(path) | WRITTEN)
        path = f"{session.scalars(select(Contribution.id)).first()}/wijzigen"
        browser.send(f"/reacties/{path}", {"tekst": "Steeds anders."}, status=429)


class TestAnswering:
    @pytest.mark.parametrize("by", ["visitor", "resident"])
    @pytest.mark.parametrize("why", ["hidden", "closed", "answer"])
    def test_what_takes_no_answer_says_so_before_anybody_waits_for_a_mail(
        self,
        session: Session,
        browser: Browser,
        signed_in: SignIn,
        say: Say,
        clock: Clock,
        now: datetime,
        by: str,
        why: str,
    ) -> None:
        found = top = say("Waar staat de bank?")
        path, reader = f"{found.path}/antwoord", signed_in(person(session)) if by == "resident" else browser
        form = reader.get(path).filled(path) | {"tekst": "Op de hoek.", "naam": "An", "mailadres": "an@example.org"}
        match why:
            case "hidden":
                moderator = person(session, Role.COORDINATOR, "E")
                hide_words(session, top, Hiding(reason=Reason.OTHER), seen=top.version, by=moderator, now=now)
            case "closed":
                clock.now = now + timedelta(days=60)
            case _:
                found = say("Daar.", to=top)
        session.commit()
        path = f"{found.path}/antwoord"
        reader = signed_in(person(session)) if by == "resident" else reader
        page = reader.get(path, status=409 if why == "hidden" else 200)
        assert why == "hidden" or not page.find(".//form[@id='formulier']")
        assert "Op de hoek." in reader.post(path, form, status=409).html
        assert session.scalars(select(WaitingForm)).all() == []

    def test_an_organiser_speaks_as_one(self, session: Session, signed_in: SignIn, browser: Browser, say: Say) -> None:
        question = say(stance=Stance.QUESTION)
        organiser = signed_in(person(session, Role.COORDINATOR, "E"))
        path = f"{question.path}/antwoord"
        organiser.post(path, organiser.get(path).filled(path) | {"tekst": "Ja, dat kan.", "naam": "Samira B."})
        page = browser.get(question.path)
        assert "Samira B. Coördinator van deze ronde" in page.text_of(".//li[@class='is-official']")

    def test_what_one_answers_is_hidden_meanwhile(
        self, session: Session, signed_in: SignIn, discussed: Proposal, say: Say, now: datetime
    ) -> None:
        question = say(stance=Stance.QUESTION)
        browser, path = signed_in(person(session)), f"{question.path}/antwoord"
        sent = browser.get(path).filled(path) | {"tekst": "Mijn antwoord.", "naam": "An"}
        moderator = person(session, Role.COORDINATOR, "E")
        hide_words(session, question, Hiding(reason=Reason.ABUSE), seen=question.version, by=moderator, now=now)
        session.commit()
        page = browser.post(path, sent, status=409)
        own = f"/plannen/{discussed.id}/reacties/nieuw"
        assert page.filled(own)["tekst"] == ["Mijn antwoord."]
        browser.post(own, page.filled(own) | {"soort": "voor"})
        assert session.scalars(select(Contribution.body).order_by(Contribution.id.desc())).first() == "Mijn antwoord."

    def test_a_question_is_not_settled_and_opened_without_end(
        self, app: Flask, monkeypatch: pytest.MonkeyPatch, signed_in: SignIn, say: Say
    ) -> None:
        question = say(stance=Stance.QUESTION)
        assert question.author
        browser, path = signed_in(question.author), f"{question.path}/beantwoord"
        monkeypatch.setitem(app.config, "CONTRIBUTIONS", "2 per minute")
        monkeypatch.setitem(app.config, "RATELIMIT_ENABLED", True)
        browser.post(path, browser.get(question.path).hidden(path) | {"antwoord": ""})
        for status in (303, 429):
            browser.post(path, browser.get(question.path).hidden(path) | {"open": "ja"}, status=status)

    def test_the_asker_says_which_it_was(self, session: Session, signed_in: SignIn, say: Say) -> None:
        asker = person(session)
        question = say(stance=Stance.QUESTION, by=asker)
        reply = say("Ja.", to=question)
        browser = signed_in(asker)
        path = f"{question.path}/beantwoord"
        page = browser.get(question.path)
        browser.post(path, page.hidden(path) | {"antwoord": str(reply.id)})
        page = browser.get(question.path)
        assert "Wie het vroeg, vindt dit het antwoord." in page.text
        assert "Beantwoord" in page.text
        browser.post(path, page.hidden(path) | {"open": "ja"})
        assert "Nog open" in browser.get(question.path).text

    def test_many_answers_go_on_more_pages(self, session: Session, browser: Browser, say: Say) -> None:
        question, by = say(stance=Stance.QUESTION), person(session)
        made = [say(f"Antwoord {n}.", to=question, by=by) for n in range(23)]
        first = browser.get(question.path)
        second = browser.get(f"{question.path}?na={made[19].id}")
        assert ("Antwoord 19." in first.text, "Antwoord 20." in first.text) == (True, False)
        assert ("Antwoord 19." in second.text, "Antwoord 22." in second.text) == (False, True)
        assert "Antwoord 21." in browser.get(made[21].path).text


class TestOwnText:
    def test_changing_shows_what_was_said_before(self, session: Session, signed_in: SignIn, say: Say) -> None:
        by = person(session)
        found = say("Eerste tekst.", by=by)
        browser, path = signed_in(by), f"{found.path}/wijzigen"
        browser.post(path, browser.get(path).filled(path) | {"tekst": "Tweede tekst."})
        page = browser.get(f"{found.path}/geschiedenis")
        assert "Eerste tekst." in page.text
        assert "Tweede tekst." in page.text

    def test_deleting_asks_first(self, session: Session, signed_in: SignIn, say: Say) -> None:
        by = person(session)
        found = say("Kanarie.", by=by)
        browser, path = signed_in(by), f"{found.path}/verwijderen"
        assert "Kanarie." in browser.get(path).text
        browser.post(path, browser.get(path).hidden(path))
        assert "De schrijver haalde deze reactie weg." in browser.get(found.path).text
        assert "Kanarie." not in browser.get(found.path).html

    def test_others_find_no_such_page(self, session: Session, signed_in: SignIn, say: Say) -> None:
        found, browser = say(), signed_in(person(session))
        for page in ("wijzigen", "verwijderen", "overnemen"):
            browser.get(f"{found.path}/{page}", status=404)

    def test_what_is_hidden_is_changed_and_goes_to_a_moderator(
        self, session: Session, signed_in: SignIn, browser: Browser, say: Say, now: datetime
    ) -> None:
        by = person(session)
        found = say("Bel 06 12345678.", by=by)
        moderator = person(session, Role.COORDINATOR, "E")
        hide_words(session, found, Hiding(reason=Reason.PERSONAL), seen=found.version, by=moderator, now=now)
        session.commit()
        own, appeal = signed_in(by), f"/bezwaar/contribution/{found.id}"
        path = f"{found.path}/wijzigen"
        assert own.get(appeal).find(f".//a[@href='{path}']")
        form = own.get(path).filled(path)
        assert form["tekst"] == ["Bel 06 12345678."]
        assert own.post(path, form | {"tekst": "Bel de gemeente."}).response.location == appeal
        page = own.get(appeal)
        assert "U paste de tekst aan op" in page.text
        assert "Bel de gemeente." in page.text
        assert "Bel de gemeente." not in browser.get(found.path).text
        desk = signed_in(moderator)
        assert "kijk opnieuw" in desk.get("/werkplek/meldingen").text
        judge = f"/werkplek/meldingen/contribution/{found.id}"
        assert "Bel de gemeente." in desk.get(judge).text
        desk.post(judge, desk.get(judge).filled(judge) | {"doe": "tonen", "grond": "aangepast", "stap": "doe"})
        page = browser.get(f"{found.path}/geschiedenis")
        assert "Bel de gemeente." in page.text
        assert "12345678" not in page.text_of(".//ol")

    def test_what_was_hidden_while_its_writer_typed_is_shown_first(
        self, session: Session, signed_in: SignIn, say: Say, now: datetime
    ) -> None:
        by = person(session)
        found = say("Bel 06 12345678.", by=by)
        session.commit()
        own, path = signed_in(by), f"{found.path}/wijzigen"
        form = own.get(path).filled(path)
        hiding = Hiding(reason=Reason.PERSONAL)
        hide_words(session, found, hiding, seen=found.version, by=person(session, Role.COORDINATOR, "E"), now=now)
        session.commit()
        page = own.post(path, form | {"tekst": "Bel de gemeente."}, status=409)
        assert "Bel de gemeente." in page.html
        assert own.post(path, page.filled(path)).status == 303


class TestUseful:
    def test_a_resident_presses_and_takes_it_back(
        self, session: Session, signed_in: SignIn, discussed: Proposal, say: Say
    ) -> None:
        found, browser = say(), signed_in(person(session))
        page = browser.get(f"/plannen/{discussed.id}")
        for name, said in (("nuttig", "Nuttig (1)"), ("niet_meer", "Nuttig (0)")):
            browser.post("/reacties/nuttig", page.hidden("/reacties/nuttig") | {name: str(found.id)})
            page = browser.get(f"/plannen/{discussed.id}")
            assert said in page.text

    def test_leads_back_to_the_same_place_of_the_list(self, session: Session, signed_in: SignIn, say: Say) -> None:
        found = [say(f"{n}.", by=by) for by in [person(session)] for n in range(12)]
        last, plan_ = found[0], found[0].thread.about.proposal
        assert plan_ is not None
        path, browser = f"/plannen/{plan_.id}/reacties?volgorde=nuttig&na=0-{found[2].id}", signed_in(person(session))
        form = browser.get(path).hidden("/reacties/nuttig")
        answer = browser.post("/reacties/nuttig", form | {"nuttig": str(last.id)})
        assert answer.response.location == f"{path}#r-{last.id}"
        for elsewhere in ("https://example.org/", "//example.org", ""):
            sent = browser.get(path).hidden("/reacties/nuttig") | {"vanaf": elsewhere, "niet_meer": str(last.id)}
            assert browser.post("/reacties/nuttig", sent).response.location == f"{last.path}#r-{last.id}"

    @pytest.mark.parametrize("number", ["", "0", "nee", "9" * 30, "-1"])
    def test_nonsense_is_not_found(self, session: Session, signed_in: SignIn, say: Say, number: str) -> None:
        browser, found = signed_in(person(session)), say()
        tokens = browser.get(found.path).hidden("/reacties/nuttig")
        browser.post("/reacties/nuttig", tokens | {"nuttig": number}, status=404)


class TestModerating:
    def test_a_moderator_reads_first(
        self, session: Session, signed_in: SignIn, browser: Browser, discussed: Proposal, say: Say
    ) -> None:
        discussed.round.read_first = ReadFirst.ALL
        by = person(session)
        found = say("Wacht even.", by=by)
        browser.get(found.path, status=404)
        assert "Alleen u ziet dit nu." in signed_in(by).get(f"/plannen/{discussed.id}").text
        moderator = signed_in(person(session, Role.COORDINATOR, "E"))
        path = f"/werkplek/rondes/{discussed.round.slug}/reacties"
        page = moderator.get(path)
        assert "Wacht even." in page.text
        moderator.post(f"/werkplek/reacties/{found.id}/tonen", page.hidden(f"/werkplek/reacties/{found.id}/tonen"))
        assert "Wacht even." in browser.get(f"/plannen/{discussed.id}").text
        assert "Er wacht nu niets." in moderator.get(path).text

    def test_what_is_changed_after_answers_is_read_first_too(
        self, session: Session, signed_in: SignIn, browser: Browser, discussed: Proposal, say: Say, now: datetime
    ) -> None:
        by = person(session)
        found = say("Netjes.", stance=Stance.QUESTION, by=by)
        reply = say("Zo is het.", to=found)
        discussed.round.read_first = ReadFirst.ALL
        edit_contribution(session, found, "Kanariepiet.", seen=found.version, by=by, now=now)
        session.commit()
        paths = [f"/plannen/{discussed.id}", f"/plannen/{discussed.id}?soort=vraag"]
        paths += [f"{one.path}{end}" for one in (found, reply) for end in ("", "/geschiedenis")]
        for reader in (browser, signed_in(person(session))):
            for page in map(reader.get, paths):
                assert "Kanariepiet" not in page.html
            assert "Zo is het." in reader.get(found.path).text
            assert "0 reacties en 1 antwoord, van 1 mens" in reader.get(paths[0]).text
            assert "De schrijver veranderde deze reactie." in reader.get(paths[0]).text
        assert "Kanariepiet" in signed_in(by).get(found.path).text

    def test_not_of_another_stadsdeel(self, session: Session, signed_in: SignIn, discussed: Proposal) -> None:
        elsewhere = signed_in(person(session, Role.COORDINATOR, "K"))
        elsewhere.get(f"/werkplek/rondes/{discussed.round.slug}/reacties", status=404)


class TestLists:
    def test_counts_are_the_same_everywhere(
        self, session: Session, browser: Browser, discussed: Proposal, say: Say, now: datetime
    ) -> None:
        found = [say(f"{n}.") for n in range(3)]
        moderator = person(session, Role.COORDINATOR, "E")
        hide_words(session, found[0], Hiding(reason=Reason.ABUSE), seen=found[0].version, by=moderator, now=now)
        session.commit()
        rows = list(csv.DictReader(io.StringIO(browser.raw("/open-data/plannen-machine.csv").text)))
        assert [row["reacties"] for row in rows] == ["2"]
        page = browser.get(f"/plannen/{discussed.id}")
        assert (len(shown(page)), "2 reacties en 0 antwoorden" in page.text) == (2, True)
        for index in (browser.get("proposals.index"), browser.get("proposals.in_round", slug=discussed.round.slug)):
            assert "2 reacties" in index.text

    def test_queries_do_not_grow(
        self, app: Flask, session: Session, signed_in: SignIn, discussed: Proposal, say: Say, now: datetime
    ) -> None:
        numbers: list[tuple[int, int]] = []
        browsers = Browser(app), signed_in(person(session))
        path, by = f"/plannen/{discussed.id}", person(session)
        for more in (1, 12):
            for n in range(more):
                made = say(f"{n}", by=by)
                say(to=made, by=by)
                find_useful(session, made, by=person(session), now=now)
            session.commit()
            counted = []
            for browser in browsers:
                browser.get(path)
                session.expire_all()
                with QueryCount() as queries:
                    browser.get(path)
                counted.append(queries.number)
            numbers.append((counted[0], counted[1]))
        assert numbers[0] == numbers[1]
        assert numbers[0][0] <= 8
        assert numbers[0][1] <= 12

    def test_queries_while_the_vote_is_open(
        self, app: Flask, session: Session, signed_in: SignIn, areas: Any, tmp_path: Path, now: datetime
    ) -> None:
        vote = open_vote(session, tmp_path, areas=areas, now=now, costs=(60_000,), voters=1)
        plan = session.scalars(select(Proposal).where(Proposal.round_id == vote.round.id)).one()
        session.commit()
        for browser, most in ((Browser(app), 8), (signed_in(person(session)), 12)):
            browser.get(plan.path)
            session.expire_all()
            with QueryCount() as queries:
                assert "stem" in browser.get(plan.path).text.casefold()
            assert queries.number <= most, queries.statements

    @pytest.mark.parametrize("query", ["?na=x", "?na=1-2-3", "?volgorde=hoog&soort=antwoord", "?na=99999999999-1"])
    def test_nonsense_in_the_address_shows_a_list(
        self, browser: Browser, discussed: Proposal, say: Say, query: str
    ) -> None:
        say()
        browser.get(f"/plannen/{discussed.id}/reacties{query}")

    def test_hidden_history_is_withheld(
        self, session: Session, signed_in: SignIn, browser: Browser, say: Say, now: datetime
    ) -> None:
        by = person(session)
        found = say("Kanarie een.", by=by)
        path = f"{found.path}/wijzigen"
        own = signed_in(by)
        own.post(path, own.get(path).filled(path) | {"tekst": "Kanarie twee."})
        session.refresh(found)
        moderator = person(session, Role.COORDINATOR, "E")
        hide_words(session, found, Hiding(reason=Reason.PERSONAL), seen=found.version, by=moderator, now=now)
        session.commit()
        for page in (found.path, f"{found.path}/geschiedenis", found.thread.about.proposal.path):  # type: ignore[union-attr]
            assert "Kanarie" not in browser.get(page).html


class TestTakingOver:
    def test_the_maker_says_what_and_in_which_version(
        self, session: Session, signed_in: SignIn, browser: Browser, discussed: Proposal, say: Say, now: datetime
    ) -> None:
        session.add(revision_after(None, discussed, Content(title="Plan", author_name="An"), now=now))
        found, maker = say(stance=Stance.IDEA), discussed.author
        assert maker is not None
        own = signed_in(maker)
        path = f"{found.path}/overnemen"
        form = own.get(path).filled(path)
        page = own.post(path, form | {"versie_van_plan": "1", "wat": ""}, status=422)
        assert "Schrijf in één zin wat u overnam." in page.text
        own.post(path, form | {"versie_van_plan": "1", "wat": "De school plant mee."})
        assert "De school plant mee." in browser.get(f"/plannen/{discussed.id}").text
        assert f"/plannen/{discussed.id}/versies/1" in browser.get(found.path).html


class TestVisitors:
    def test_writes_first_and_says_where_to_mail_the_link(
        self, session: Session, browser: Browser, discussed: Proposal
    ) -> None:
        path = f"/plannen/{discussed.id}/reacties/nieuw"
        page = browser.post(path, browser.get(path).filled(path) | WRITTEN, status=422)
        assert "Vul uw e-mailadres in." in page.text
        answer = browser.post(path, page.filled(path) | WRITTEN | {"mailadres": "joris@example.org"})
        assert "genoeg" in browser.get(answer.response.location).text
        assert session.scalars(select(Contribution)).all() == []

    def test_an_answer_waits_as_well(self, session: Session, browser: Browser, say: Say) -> None:
        question = say(stance=Stance.QUESTION)
        path = f"{question.path}/antwoord"
        sent = {"tekst": "Ja.", "naam": "An", "mailadres": "an@example.org"}
        browser.post(path, browser.get(path).filled(path) | sent)
        assert len(session.scalars(select(Contribution)).all()) == 1

    def test_the_question_of_age_stands_beside_the_last_button(
        self, app: Flask, browser: Browser, discussed: Proposal
    ) -> None:
        path = f"/plannen/{discussed.id}/reacties/nieuw"
        browser.post(path, browser.get(path).filled(path) | WRITTEN | {"mailadres": "joris@example.org"})
        phone = Browser(app)
        page = phone.get(mailed())
        assert page.find(".//main//input[@name='leeftijd']")
        phone.post(path, page.filled(path) | {"leeftijd": "16"})
        assert "stoep over?" in phone.get(f"/plannen/{discussed.id}").text

    def test_a_new_account_says_that_it_may_be_published(
        self, session: Session, signed_in: SignIn, discussed: Proposal
    ) -> None:
        by = person(session)
        by.may_publish_at = None
        session.commit()
        browser, path = signed_in(by), f"/plannen/{discussed.id}/reacties/nieuw"
        page = browser.post(path, browser.get(path).filled(path) | WRITTEN, status=422)
        assert "Kies wat voor u klopt." in page.text
        browser.post(path, page.filled(path) | WRITTEN | {"leeftijd": "12"})
        session.refresh(by)
        assert by.may_publish_at is not None

    def test_a_name_is_asked_once(
        self, app: Flask, session: Session, browser: Browser, signed_in: SignIn, discussed: Proposal
    ) -> None:
        path = f"/plannen/{discussed.id}/reacties/nieuw"
        browser.post(path, browser.get(path).filled(path) | WRITTEN | {"mailadres": "joris@example.org"})
        phone = Browser(app)
        phone.post(path, phone.get(mailed()).filled(path) | {"leeftijd": "16"})
        assert phone.get(path).filled(path)["naam"] == [WRITTEN["naam"]]
        refused = phone.post(path, phone.get(path).filled(path) | WRITTEN | {"naam": "Gemeente"}, status=422)
        assert "lijkt op die van een organisator" in refused.text
        phone.post(path, phone.get(path).filled(path) | WRITTEN | {"naam": "Iemand anders"})
        assert phone.get(path).filled(path)["naam"] == [WRITTEN["naam"]], "the first one stays"
        staff = person(session, Role.COORDINATOR, discussed.round.owner_code)
        staff.name = ""
        session.commit()
        desk = signed_in(staff)
        desk.post(path, desk.get(path).filled(path) | WRITTEN | {"naam": "Stadsdeel"})
        assert desk.get(path).filled(path)["naam"] == [""]

    def test_not_once_it_is_closed_and_the_text_stays(
        self, session: Session, signed_in: SignIn, discussed: Proposal
    ) -> None:
        browser, path = signed_in(person(session)), f"/plannen/{discussed.id}/reacties/nieuw"
        form = browser.get(path).filled(path)
        discussed.status = ProposalStatus.WITHDRAWN
        session.commit()
        page = browser.post(path, form | WRITTEN, status=409)
        assert "Blijft er" in page.text
        assert "Meepraten kan hier nu niet." in page.text

    def test_a_concept_has_no_discussion(
        self, session: Session, browser: Browser, discussed: Proposal, now: datetime
    ) -> None:
        concept = plan(session, discussed.round, now=now, status=ProposalStatus.CONCEPT)
        session.commit()
        browser.get(f"/plannen/{concept.id}/reacties", status=404)


def test_whoever_reports_a_text_reads_whose_it_is(app: Flask, browser: Browser, say: Say) -> None:
    contribution = say("Meer **licht**.")
    answer = say(to=contribution)
    name, other = contribution.author_name, answer.author_name
    page = browser.get(f"/melden/contribution/{contribution.id}")
    assert page.heading == f"Wat is er mis met de reactie van {name}?"
    assert "‘Meer licht.’" in page.text
    assert f"Toch niet, terug naar de reactie van {name}" in page.text
    assert browser.get(f"/melden/contribution/{answer.id}").heading == f"Wat is er mis met het antwoord van {other}?"
    english = Browser(app, **{"Accept-Language": "en"}).get(f"/melden/contribution/{answer.id}")
    assert english.heading == f"What is wrong with the reply by {other}?"
