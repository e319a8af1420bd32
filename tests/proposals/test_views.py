"""The pages of plans: lists and their order, one plan, and what its maker can do there."""

import re
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.areas.models import Area
from buurtbegroot.core.phases import Phase
from buurtbegroot.proposals.models import CostLine, Decision, Proposal, ProposalStatus
from buurtbegroot.rounds.models import Round
from buurtbegroot.tally.models import PlanResult
from tests.conftest import Clock
from tests.factories.accounts import person
from tests.factories.akkoord import small_accord
from tests.factories.proposals import plan, typed
from tests.factories.rounds import WEEK, round_in
from tests.pages import Browser, Page, QueryCount, SignIn

EVIL = '"><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7*7 }}'
FREE_TEXT = ("title", "summary", "body", "place", "help_wanted", "author_name", "lines-0-what", "lines-0-source")


def ids(page: Page) -> list[int]:
    return [int(found) for found in re.findall(r'<h3><a href="/plannen/(\d+)"', page.html)]


def some_plans(session: Session, round_: Round, now: datetime, count: int) -> list[Proposal]:
    return [plan(session, round_, now=now, cents=10_000 * (place + 1)) for place in range(count)]


class TestList:
    def test_a_shuffled_order_is_the_same_for_everyone_who_has_its_address(
        self, app: Flask, session: Session, round_: Round, now: datetime
    ) -> None:
        some_plans(session, round_, now, 30)
        session.commit()

        def first_page(order: object) -> list[int]:
            return ids(Browser(app).get("proposals.in_round", slug=round_.slug, orde=order))

        assert first_page(1) == first_page(1) != first_page(2)
        assert all(len(first_page(other)) == 24 for other in (0, 64, 65, "-1", "x", "9" * 30))

    @pytest.mark.parametrize(("order", "place"), [("goedkoopste", 0), ("duurste", -1), ("nieuwste", -1), ("titel", 0)])
    def test_other_orders_are_the_visitors_choice(
        self, session: Session, browser: Browser, round_: Round, now: datetime, order: str, place: int
    ) -> None:
        plans = some_plans(session, round_, now, 5)
        found = ids(browser.get("proposals.in_round", slug=round_.slug, volgorde=order))
        assert found[0] == plans[place].id

    def test_search_folds_and_takes_all_words(
        self, session: Session, browser: Browser, round_: Round, now: datetime
    ) -> None:
        wanted = plan(session, round_, now=now, title="Café aan het IJ")
        plan(session, round_, now=now, title="Bankje aan het IJ")
        assert ids(browser.get("proposals.index", zoek="CAFE ij")) == [wanted.id]
        assert "Geen plan past" in browser.get("proposals.index", zoek="100%_zeker").text

    @pytest.mark.parametrize(
        "words", ["Oud Noord", '"wipkip"', "gróen", "ĳburg", "wip\u200bkip \u202e", "plan 35", "35", "nr. 35", "#35"]
    )
    def test_search_reads_what_people_type(
        self, browser: Browser, session: Session, round_: Round, now: datetime, words: str
    ) -> None:
        plan(session, round_, now=now, title="Iets anders")
        wanted = plan(session, round_, now=now, title="Wipkip in groen Oud-Noord en IJburg")
        wanted.number = 35
        session.commit()
        page = browser.get("proposals.index", zoek=words)
        assert ids(page) == [wanted.id]
        assert "\u202e" not in page.text

    def test_pages_without_cookies_show_each_plan_once(
        self, app: Flask, session: Session, round_: Round, now: datetime
    ) -> None:
        made = {plan(session, round_, now=now).id for _ in range(60)}
        session.commit()
        for address in (f"/rondes/{round_.slug}/plannen", "/plannen?per=24"):
            seen, link = list[int](), address
            while link:
                reader = Browser(app)
                page = reader.get(link)
                assert reader.client.get_cookie("session") is None
                seen += ids(page)
                link = next((each.get("href") or "" for each in page.find(".//a[@rel='next']")), "")
            assert sorted(seen) == sorted(made) != seen

    def test_filters_narrow_and_unknown_values_do_no_harm(
        self, session: Session, browser: Browser, round_: Round, now: datetime
    ) -> None:
        cheap, dear = plan(session, round_, now=now), plan(session, round_, now=now, cents=4_000_000)
        dear.buurt_code, dear.theme = None, round_.themes[1]
        session.flush()
        cases: list[tuple[dict[str, Any], list[int]]] = [
            ({"thema": "Samen"}, [dear.id]),
            ({"buurt": "heel"}, [dear.id]),
            ({"buurt": "EA01"}, [cheap.id]),
            ({"kosten": "meer"}, [dear.id]),
            ({"kosten": "tot-5000"}, [cheap.id]),
            ({"stand": "kan-niet"}, []),
            ({"thema": EVIL}, []),
            ({"buurt": EVIL}, []),
        ]
        for args, expected in cases:
            page = browser.get("proposals.in_round", slug=round_.slug, **args)
            assert ids(page) == expected, args
            assert "<script>alert" not in page.html
        weird = browser.get(
            "proposals.index", kosten="x", stand="x", volgorde="x", pagina="-1", per="9999", zoek="\x00"
        )
        assert len(ids(weird)) == 2

    def test_refused_and_withdrawn_plans_show_when_asked_and_concepts_never(
        self, session: Session, browser: Browser, round_: Round, now: datetime
    ) -> None:
        plans = {status: plan(session, round_, now=now, status=status) for status in ProposalStatus}
        shown = {plans[status].id for status in (ProposalStatus.SUBMITTED, ProposalStatus.ADMITTED)}
        assert set(ids(browser.get("proposals.index"))) == shown
        everything = set(ids(browser.get("proposals.index", stand="alles")))
        assert everything == {one.id for status, one in plans.items() if status is not ProposalStatus.CONCEPT}

    def test_an_unpublished_round_shows_nothing(
        self, session: Session, browser: Browser, round_: Round, now: datetime
    ) -> None:
        plan(session, round_, now=now)
        round_.published_at = None
        session.flush()
        browser.get("proposals.in_round", slug=round_.slug, status=404)
        assert ids(browser.get("proposals.index")) == []

    def test_queries_do_not_grow_with_the_plans(
        self, session: Session, signed_in: SignIn, round_: Round, resident: User, now: datetime
    ) -> None:
        counts = []
        for more in (10, 90):
            some_plans(session, round_, now, more)
            session.commit()
            session.expire_all()
            browser = signed_in(resident)
            browser.get("proposals.in_round", slug=round_.slug, per=100)  # which plans there are is asked once
            with QueryCount() as queries:
                page = browser.get("proposals.in_round", slug=round_.slug, per=100)
            counts.append(queries.number)
        assert len(ids(page)) == 100
        assert counts[0] == counts[1] <= 8, queries.statements


class TestPlan:
    def test_shows_the_plan_its_sum_and_its_checked_cost_apart(
        self, session: Session, browser: Browser, round_: Round, coordinator: User, now: datetime
    ) -> None:
        found = plan(session, round_, now=now, cents=800_000)
        found.points = small_accord(session)[:1]
        found.body, found.help_wanted, found.estimate_cents = "Een **hek**.", "een timmerman", 700_000
        found.lines = [CostLine(position=1, what="Hek", quantity=7, unit_cents=100_000, source="Kostenlijst")]
        found.decisions = [
            Decision(admitted=False, reason="Te duur.", decided_by_id=coordinator.id, decided_at=now - WEEK),
            Decision(
                admitted=True,
                reason="Nu kan het.",
                cost_cents=800_000,
                answers={"law": "adjust"},
                decided_by_id=coordinator.id,
                decided_at=now,
            ),
        ]
        session.flush()
        page = browser.get("proposals.show", proposal_id=found.id)
        for text in ("€ 8.000", "€ 7.000", "7 keer € 1.000", "Kostenlijst", "Nu kan het.", "Te duur.", "een timmerman"):
            assert text in page.text.replace("\u00a0", " "), text
        assert "Ja, met aanpassing" in page.text
        assert "2% van de begroting" in page.text

    def test_takes_few_queries(
        self, app: Flask, session: Session, signed_in: SignIn, round_: Round, resident: User, now: datetime
    ) -> None:
        found = plan(session, round_, now=now)
        session.commit()
        for browser, most in ((Browser(app), 8), (signed_in(resident), 12)):
            session.expire_all()
            with QueryCount() as queries:
                browser.get("proposals.show", proposal_id=found.id)
            assert queries.number <= most, queries.statements

    def test_html_in_every_field_stays_text(
        self, session: Session, browser: Browser, round_: Round, now: datetime
    ) -> None:
        found = plan(session, round_, now=now)
        for name in ("title", "summary", "body", "place", "help_wanted", "author_name"):
            setattr(found, name, EVIL)
        found.lines = [CostLine(position=1, what=EVIL, quantity=1, unit_cents=100, source=EVIL)]
        found.decisions = [Decision(admitted=True, reason=EVIL, decided_at=now)]
        session.flush()
        for page in (browser.get("proposals.show", proposal_id=found.id), browser.get("proposals.index")):
            assert "<script>alert" not in page.html
            assert "<img" not in page.html
            assert "49" not in page.heading

    def test_the_result_shows_only_once_certified(
        self, session: Session, browser: Browser, city: dict[str, Area], now: datetime
    ) -> None:
        round_ = round_in(session, Phase.REALISATION, areas=city, now=now)
        found = plan(session, round_, now=now)
        session.add(
            PlanResult(
                round_id=round_.id, proposal_id=found.id, votes=123_456, rank=1, verdict="funded", awarded_cents=10_000
            )
        )
        session.flush()
        assert "123.456" not in browser.get("proposals.show", proposal_id=found.id).text
        round_.certified_at = now
        session.flush()
        page = browser.get("proposals.show", proposal_id=found.id)
        assert "123.456" in page.text
        assert "Krijgt geld" in page.text

    def test_a_concept_is_its_authors_alone(
        self, session: Session, browser: Browser, signed_in: SignIn, round_: Round, resident: User, now: datetime
    ) -> None:
        found = plan(session, round_, now=now, status=ProposalStatus.CONCEPT, author=resident)
        browser.get("proposals.show", proposal_id=found.id, status=404)
        signed_in(person(session)).get("proposals.show", proposal_id=found.id, status=404)
        assert "concept" in signed_in(resident).get("proposals.show", proposal_id=found.id).text.lower()

    @pytest.mark.parametrize("path", ["/plannen/999999", "/plannen/99999999999999999999", "/rondes/geen/plannen"])
    def test_what_is_not_there_is_not_found(self, browser: Browser, path: str) -> None:
        browser.get(path, status=404)


@pytest.mark.parametrize(
    ("language", "page_language", "marked"), [("nl", "en", "nl"), ("en", "nl", "en"), ("en", "en", None)]
)
def test_a_plan_in_another_language_says_so(
    app: Flask, session: Session, round_: Round, now: datetime, language: str, page_language: str, marked: str | None
) -> None:
    found = plan(session, round_, now=now, title="Swing")
    found.language, found.body = language, "For all."
    session.commit()
    reader = Browser(app, **{"Accept-Language": page_language})
    for address, texts in ((f"/plannen/{found.id}", (".//h1", ".//main//section/div")), ("/plannen", (".//main//h3",))):
        page = reader.get(address)
        assert page.tree.get("lang") == page_language
        assert {page.find(each)[0].get("lang") for each in texts} == {marked}


def test_the_maker_says_in_which_language_the_plan_is(
    signed_in: SignIn, session: Session, round_: Round, resident: User
) -> None:
    browser = signed_in(resident)
    browser.post("proposals.new", typed(round_, language="en"), slug=round_.slug)
    browser.post("proposals.new", typed(round_), slug=round_.slug)
    browser.post("proposals.new", typed(round_, language="xx"), slug=round_.slug, status=422)
    assert session.scalars(select(Proposal.language).order_by(Proposal.id)).all() == ["en", "nl"]


def test_a_plan_signed_as_the_stadsdeel_is_refused_unless_a_role_says_so(
    signed_in: SignIn, session: Session, round_: Round, resident: User, coordinator: User
) -> None:
    as_stadsdeel = typed(round_, author_name="Stadsdeel Noord (officieel)")
    page = signed_in(resident).post("proposals.new", as_stadsdeel, status=422, slug=round_.slug)
    assert "lijkt van het stadsdeel of de gemeente" in page.text
    signed_in(coordinator).post("proposals.new", as_stadsdeel, slug=round_.slug)
    assert session.scalars(select(Proposal.author_name)).all() == ["Stadsdeel Noord (officieel)"]


def test_a_name_on_one_line_is_what_was_seen(
    signed_in: SignIn, session: Session, round_: Round, resident: User
) -> None:
    browser = signed_in(resident)
    browser.post("proposals.new", typed(round_, title="\u202eTuin\r\nvan\u200b\u200b ons"), slug=round_.slug)
    assert session.scalars(select(Proposal.title)).all() == ["Tuin van ons"]
    page = browser.post("proposals.new", typed(round_, title="\u200b\u200b"), status=422, slug=round_.slug)
    assert "Geef uw plan een naam." in page.text


class TestMaking:
    def test_from_empty_form_to_public_plan(
        self, session: Session, signed_in: SignIn, round_: Round, resident: User, now: datetime
    ) -> None:
        points = small_accord(session)
        round_.points = points[:1]
        session.flush()
        alike = plan(session, round_, now=now, title="Nestkastjes op het schoolplein", status=ProposalStatus.SUBMITTED)
        browser = signed_in(resident)
        browser.get("proposals.new", slug=round_.slug)
        sent = typed(round_, points=[str(points[0].id), str(points[2].id)])
        browser.post("proposals.new", sent, slug=round_.slug)
        concept = session.scalars(select(Proposal).where(Proposal.author_id == resident.id)).one()
        page = browser.get("proposals.submit", proposal_id=concept.id)
        assert "€ 300" in page.text.replace("\u00a0", " ")
        assert alike.title in page.text
        browser.send("proposals.submit", proposal_id=concept.id)
        assert (concept.status, concept.number) == (ProposalStatus.SUBMITTED, 2)
        assert "ingediend" in browser.get("proposals.show", proposal_id=concept.id).text
        assert concept.title in browser.get("proposals.mine").text

    def test_one_more_line_keeps_what_was_typed(
        self, session: Session, signed_in: SignIn, round_: Round, resident: User
    ) -> None:
        browser = signed_in(resident)
        page = browser.post("proposals.new", typed(round_, actie="regel"), status=200, slug=round_.slug)
        assert page.find(".//input[@name='lines-2-what']")
        assert page.find(".//input[@name='lines-0-unit_cents']")[0].get("value") == "25"
        assert "€ 300" in page.text.replace("\u00a0", " ")
        assert session.scalars(select(Proposal)).all() == []

    def test_thirty_lines_is_all(self, signed_in: SignIn, round_: Round, resident: User) -> None:
        lines = {
            f"lines-{n}-{name}": value
            for n in range(40)
            for name, value in (("what", "x"), ("quantity", "1"), ("unit_cents", "1"))
        }
        page = signed_in(resident).post(
            "proposals.new", typed(round_, actie="regel") | lines, status=200, slug=round_.slug
        )
        assert page.find(".//input[@name='lines-29-what']")
        assert not page.find(".//input[@name='lines-30-what']")
        assert "Meer dan 30 regels kan niet" in page.text

    def test_a_half_plan_is_kept_and_says_what_it_lacks(
        self, session: Session, signed_in: SignIn, round_: Round, resident: User
    ) -> None:
        browser = signed_in(resident)
        browser.post("proposals.new", {"title": "Half", "actie": "bewaren"}, slug=round_.slug)
        concept = session.scalars(select(Proposal)).one()
        assert "Nog 5 dingen" in browser.get("proposals.submit", proposal_id=concept.id).text
        page = browser.post("proposals.submit", status=422, proposal_id=concept.id)
        assert page.title.startswith("Fout: ")
        assert concept.number == 0

    @pytest.mark.parametrize(
        ("field", "value", "message"),
        [
            ("title", "", "Geef uw plan een naam."),
            ("title", "x" * 121, "niet meer dan 120"),
            ("summary", "x" * 301, "niet meer dan 300"),
            ("body", "x" * 10_001, "niet meer dan 10000"),
            ("theme", "999999", "Kies een thema uit de lijst."),
            ("buurt", "KA01", "Kies een buurt uit de lijst."),
            ("points", ["1234"], "Kies akkoordpunten uit de lijst."),
            ("points", ["een"], "Kies akkoordpunten uit de lijst."),
            ("lines-0-what", "", "Schrijf waar dit bedrag voor is."),
            ("lines-0-quantity", "½", "Schrijf een heel getal"),
            ("lines-0-quantity", "-3", "Schrijf een heel getal"),
            ("lines-0-quantity", "999999999", "Dit getal is te hoog"),
            ("lines-0-unit_cents", "gratis", "Schrijf een bedrag in euro's"),
            ("lines-0-unit_cents", "-5", "Dit bedrag kan niet"),
            ("lines-0-unit_cents", "1e9", "Schrijf een bedrag in euro's"),
            ("lines-0-unit_cents", "999999999", "Deze bedragen kunnen niet"),
            ("lines-0-unit_cents", "", "Schrijf wat één stuk kost"),
        ],
    )
    def test_bad_input_names_the_field_and_keeps_the_text(
        self, signed_in: SignIn, round_: Round, resident: User, field: str, value: str, message: str
    ) -> None:
        browser = signed_in(resident)
        page = browser.post("proposals.new", typed(round_, **{field: value}), status=422, slug=round_.slug)
        assert page.title.startswith("Fout: ")
        assert message in page.text
        assert page.find(".//*[@role='alert']")
        if field != "body":
            assert "Wij hangen" in page.text

    def test_html_in_every_field_of_the_form_stays_text(
        self, session: Session, signed_in: SignIn, round_: Round, resident: User
    ) -> None:
        browser = signed_in(resident)
        fields = {name: EVIL for name in typed(round_) if name not in {"actie"}}
        page = browser.post("proposals.new", fields, status=422, slug=round_.slug)
        assert "<script>alert" not in page.html
        good = typed(round_) | dict.fromkeys(FREE_TEXT, EVIL)
        browser.post("proposals.new", good, slug=round_.slug)
        concept = session.scalars(select(Proposal)).one()
        for endpoint in ("show", "submit", "edit", "withdraw"):
            assert "<script>alert" not in browser.get(f"proposals.{endpoint}", proposal_id=concept.id).html
        assert "<script>alert" not in browser.get("proposals.mine").html

    def test_ten_megabytes_is_too_much(self, signed_in: SignIn, round_: Round, resident: User) -> None:
        signed_in(resident).post("proposals.new", typed(round_, body="x" * 10_000_000), status=413, slug=round_.slug)

    def test_a_visitor_writes_first_and_is_asked_for_an_address_last(self, browser: Browser, round_: Round) -> None:
        page = browser.get("proposals.new", slug=round_.slug)
        fields = [field.get("name") for field in page.form(page.response.request.path).iter() if field.get("name")]
        assert fields.index("mailadres") > fields.index("author_name") > fields.index("title")

    @pytest.mark.parametrize("endpoint", ["edit", "submit", "withdraw"])
    def test_somebody_elses_plan_is_not_found(
        self, session: Session, signed_in: SignIn, round_: Round, resident: User, now: datetime, endpoint: str
    ) -> None:
        for status in (ProposalStatus.CONCEPT, ProposalStatus.SUBMITTED):
            found = plan(session, round_, now=now, status=status, author=resident)
            stranger = signed_in(person(session))
            stranger.get(f"proposals.{endpoint}", proposal_id=found.id, status=404)
            stranger.post(f"proposals.{endpoint}", typed(round_), proposal_id=found.id, status=404)
            assert found.status is status

    def test_after_the_last_day_the_reason_and_the_text_are_there(
        self, session: Session, signed_in: SignIn, clock: Clock, round_: Round, resident: User, now: datetime
    ) -> None:
        concept = plan(session, round_, now=now, status=ProposalStatus.CONCEPT, author=resident)
        clock.now = now + WEEK
        browser = signed_in(resident)
        page = browser.post("proposals.new", typed(round_), status=409, slug=round_.slug)
        assert "kan niet meer" in page.text
        assert "Wij hangen" in page.text
        for endpoint in ("edit", "submit"):
            assert "kan niet meer" in browser.get(f"proposals.{endpoint}", proposal_id=concept.id, status=409).text
            browser.post(f"proposals.{endpoint}", typed(round_), proposal_id=concept.id, status=409)

    def test_before_the_first_day_the_page_says_when(
        self, signed_in: SignIn, clock: Clock, round_: Round, resident: User, now: datetime
    ) -> None:
        clock.now = now - WEEK
        assert "kan nog niet" in signed_in(resident).get("proposals.new", slug=round_.slug, status=409).text

    def test_a_submitted_plan_is_changed_whole_or_not(
        self, session: Session, signed_in: SignIn, round_: Round, resident: User, now: datetime
    ) -> None:
        found = plan(session, round_, now=now, status=ProposalStatus.SUBMITTED, author=resident)
        browser = signed_in(resident)
        page = browser.send("proposals.edit", typed(round_, summary=""), proposal_id=found.id, status=422)
        assert "één of twee zinnen" in page.text
        browser.send("proposals.edit", typed(round_, title="Beter"), proposal_id=found.id)
        assert (found.title, found.number) == ("Beter", 1)

    def test_withdrawing_asks_first(
        self, session: Session, signed_in: SignIn, round_: Round, resident: User, now: datetime
    ) -> None:
        found = plan(session, round_, now=now, status=ProposalStatus.SUBMITTED, author=resident)
        browser = signed_in(resident)
        browser.get("proposals.withdraw", proposal_id=found.id)
        assert found.status is ProposalStatus.SUBMITTED
        browser.send("proposals.withdraw", proposal_id=found.id)
        assert found.status is ProposalStatus.WITHDRAWN
        browser.post("proposals.withdraw", proposal_id=found.id, status=409)
        assert "trok dit plan in" in browser.get("proposals.show", proposal_id=found.id).text


def test_a_deleted_account_takes_its_name_off_its_plans(
    signed_in: SignIn, browser: Browser, session: Session, round_: Round, now: datetime
) -> None:
    author = person(session)
    mine = plan(session, round_, now=now, author=author)
    mine.author_name = "Een heel bijzondere naam"
    session.flush()
    assert "Een heel bijzondere naam" in browser.get("proposals.show", proposal_id=mine.id).text
    signed_in(author).post("accounts.delete", {"sure": "y"})
    assert "Een heel bijzondere naam" not in browser.get("proposals.show", proposal_id=mine.id).text
