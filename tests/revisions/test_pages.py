"""The pages of versions: what was kept when, what changed in words and signs, and nothing of what is hidden."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role, User
from buurtbegroot.accounts.queries import subject_of
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.audit.queries.verification import verify_log
from buurtbegroot.core.phases import Phase
from buurtbegroot.moderation.actions import Hiding, Ruling, hide_words, show_words
from buurtbegroot.moderation.models import Ground, Reason
from buurtbegroot.proposals.actions import (
    Verdict,
    decide_proposal,
    edit_proposal,
    erase_maker,
    start_proposal,
    submit_proposal,
)
from buurtbegroot.proposals.domain.drafts import Content, Draft, DraftLine, changed_parts
from buurtbegroot.proposals.models import Proposal, ProposalStatus
from buurtbegroot.proposals.models.changes import ProposalRevision
from buurtbegroot.proposals.queries import draft_of, typed_content
from buurtbegroot.proposals.queries.facts import number_of_revisions, revisions_of
from buurtbegroot.rounds.models import Round
from tests.factories.accounts import person
from tests.factories.akkoord import small_accord
from tests.factories.areas import small_city
from tests.factories.proposals import draft, plan
from tests.factories.rounds import round_in
from tests.pages import Browser, Page, QueryCount, SignIn

SHELF = DraftLine(what="Kastje", quantity=10, unit_cents=2_500)
LADDER = DraftLine(what="Ladder", quantity=1, unit_cents=5_000)
EVIL = "<script>alert(1)</script> {{7*7}} \"'><img src=x>"


@pytest.fixture
def round_(session: Session, now: datetime) -> Round:
    return round_in(session, Phase.SUBMISSION, areas=small_city(session), now=now)


@pytest.fixture
def maker(session: Session, round_: Round) -> User:
    return person(session)


@pytest.fixture
def made(session: Session, round_: Round, maker: User, now: datetime) -> Proposal:
    """A plan that was submitted."""
    found = start_proposal(session, round_, draft(round_, lines=(SHELF, LADDER)), by=maker, now=now)
    submit_proposal(session, found, seen=found.version, by=maker, now=now)
    session.commit()
    return found


Save = Callable[..., None]


@pytest.fixture
def save(session: Session, made: Proposal, maker: User, now: datetime) -> Save:
    def change(**changes: Any) -> None:
        edit_proposal(
            session, made, replace(draft_of(made), **changes), seen=made.version, by=maker, now=now + timedelta(hours=1)
        )
        session.commit()

    return change


def numbers(session: Session, plan_: Proposal) -> list[int]:
    return [each.number for each in revisions_of(session, plan_.id, most=99)][::-1]


def said(page: Page) -> str:
    return " ".join(page.text.replace("\u00a0", " ").split())


def test_a_concept_has_no_version_and_each_save_that_changes_something_makes_one(
    session: Session, round_: Round, maker: User, now: datetime
) -> None:
    concept = start_proposal(session, round_, draft(round_, title="Eerst"), by=maker, now=now)
    edit_proposal(session, concept, draft(round_), seen=concept.version, by=maker, now=now)
    assert numbers(session, concept) == []
    submit_proposal(session, concept, seen=concept.version, by=maker, now=now)
    submit_proposal(session, concept, seen=concept.version, by=maker, now=now)
    assert numbers(session, concept) == [1]
    for title in ("Anders", "Anders", "Weer anders"):
        edit_proposal(session, concept, draft(round_, title=title), seen=concept.version, by=maker, now=now)
    assert numbers(session, concept) == [1, 2, 3]
    last = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1)).one()
    assert last.public_payload is not None
    assert last.public_payload["revision"] == 3


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.fixed_dictionaries(
            {
                "title": st.sampled_from(["Bank", "Boom"]),
                "body": st.sampled_from(["Wij *doen* het.", '“Ja”\n\n- é\n- \\ "x"']),
                "lines": st.lists(st.sampled_from([SHELF, LADDER]), min_size=1, max_size=2).map(tuple),
                "author_name": st.sampled_from(["Wij", "De buurt"]),
            }
        ),
        max_size=4,
    )
)
def test_a_version_is_the_plan_to_the_letter_for_ever(
    session: Session, round_: Round, maker: User, now: datetime, steps: list[dict[str, Any]]
) -> None:
    found = start_proposal(session, round_, draft(round_), by=maker, now=now)
    submit_proposal(session, found, seen=found.version, by=maker, now=now)
    kept = [typed_content(found)]
    for step in steps:
        edit_proposal(session, found, draft(round_, **step), seen=found.version, by=maker, now=now)
        kept += [typed_content(found)] if typed_content(found) != kept[-1] else []
    session.expire_all()
    rows = session.scalars(
        select(ProposalRevision).where(ProposalRevision.proposal_id == found.id).order_by(ProposalRevision.number)
    ).all()
    assert [row.typed_content for row in rows] == kept
    assert [row.number for row in rows] == [*range(1, len(kept) + 1)]
    assert [row.estimate_cents for row in rows] == [content.estimate_cents for content in kept]
    pairs = pairwise(kept)
    assert [row.changed for row in rows[1:]] == [" ".join(changed_parts(*pair)) for pair in pairs]


def test_a_document_gives_back_all_but_the_name() -> None:
    content = Content(title="T", author_name="Noor", theme="Groen", lines=(SHELF,), points=((3, "Punt"),))
    assert "Noor" not in content.document
    assert Content.read(content.document, author_name="Noor") == content


def test_says_in_short_and_in_signs_what_changed(
    session: Session, browser: Browser, made: Proposal, save: Save
) -> None:
    points = small_accord(session)
    dearer = replace(SHELF, unit_cents=3_000)
    save(
        body="Wij hangen **twaalf** kastjes op.",
        lines=(dearer, DraftLine(what="Verf", quantity=1, unit_cents=100)),
        point_ids=frozenset({points[0].id}),
    )
    page = browser.get("revisions.show", proposal_id=made.id, number=2)
    text = said(page)
    assert "Uitleg: 1 stuk veranderd, 0 stukken hetzelfde." in text
    assert "Kosten: € 1 hoger. Samen nu € 301." in text
    assert "Veranderd: akkoordpunten." in text
    assert "Hetzelfde: naam, samenvatting, plek, thema en buurt." in text
    assert "Wij hangen [weg: tien] [nieuw: twaalf] kastjes op." in text
    assert "**" not in text
    rows = [[" ".join(" ".join(cell.itertext()).split()) for cell in row] for row in page.find(".//main//table//tr")]
    assert rows[1:] == [
        ["Kastje", "Veranderd", "€ 250 10 keer € 25", "€ 300 10 keer € 30", "+ € 50"],
        ["Verf", "Nieuw", "stond er niet", "€ 1", "+ € 1"],
        ["Ladder", "Weg", "€ 50", "staat er niet meer", "− € 50"],
        ["Samen", "", "€ 300", "€ 301", "+ € 1"],
    ]
    assert page.find(".//ins")
    assert page.find(".//del")


def test_the_first_version_two_equal_ones_and_one_with_another(browser: Browser, made: Proposal, save: Save) -> None:
    first = browser.get("revisions.show", proposal_id=made.id, number=1)
    assert "Dit is de eerste versie." in first.text
    assert "Kastjes voor mussen." in first.text
    save(title="Anders")
    save(title=made.title, summary="Meer kastjes.")
    save(title="Nestkastjes in het plantsoen", summary="Kastjes voor mussen.")
    assert "Er is niets veranderd." in browser.get("revisions.show", proposal_id=made.id, number=4, met=1).text
    both = browser.get("revisions.show", proposal_id=made.id, number=1, met=3)
    assert "Wat veranderde er van versie 3 naar versie 1?" in both.text
    assert "[weg: Meer kastjes.]" in said(both)
    page = browser.get("revisions.show", proposal_id=made.id, number=2)
    assert [each.get("value") for each in page.find(".//option[@selected]")] == ["1", "2"]
    sent = browser.client.get(f"{made.path}/versies/vergelijk?van=3&naar=1")
    assert sent.headers["Location"].endswith(f"{made.path}/versies/1?met=3")


def test_only_the_markup_of_a_text_changed(browser: Browser, made: Proposal, save: Save) -> None:
    save(body="Wij hangen *tien* kastjes op.")
    assert "alleen de opmaak veranderde." in browser.get("revisions.show", proposal_id=made.id, number=2).text


def test_what_is_not_there_is_not_found(
    session: Session, browser: Browser, signed_in: SignIn, made: Proposal, maker: User, round_: Round, now: datetime
) -> None:
    concept = plan(session, round_, now=now, status=ProposalStatus.CONCEPT, author=maker)
    session.commit()
    one = f"{made.path}/versies"
    missing = [
        "/2",
        "/0",
        "/99999999999999999999",
        "/1?met=2",
        "/1?met=x",
        "/1?met=٣",
        "/vergelijk",
        "/vergelijk?van=1",
    ]
    for address in (*(one + each for each in missing), f"{concept.path}/versies", f"{concept.path}/versies/1"):
        browser.get(address, status=404)
    signed_in(maker).get(f"{concept.path}/versies", status=404)
    assert "geen versies" in browser.get(f"{plan_without(session, round_, now).path}/versies").text


def plan_without(session: Session, round_: Round, now: datetime) -> Proposal:
    found = plan(session, round_, now=now)
    session.commit()
    return found


def test_a_list_of_many_is_paged_and_the_plan_shows_the_last_few(
    app: Flask, session: Session, browser: Browser, made: Proposal, save: Save
) -> None:
    for number in range(24):
        save(title=f"Naam {number}")
    page = browser.get("revisions.index", proposal_id=made.id)
    assert "24 van 25 versies" in page.text
    assert "Versie 25" in page.text
    assert "Veranderd: naam." in page.text
    assert "Zo is het plan ingediend." in browser.get("revisions.index", proposal_id=made.id, pagina=2).text
    shown = browser.get(made.path)
    assert [f"Versie {number}" in shown.text for number in (25, 24, 23, 22, 1)] == [True, True, True, False, False]
    assert "Alle versies" in shown.text
    session.expire_all()
    for path, most in ((made.path, 8), (f"{made.path}/versies/25", 8), (f"{made.path}/versies", 5)):
        with QueryCount() as queries:
            Browser(app).get(path)
        assert queries.number <= most, queries.statements
    assert number_of_revisions(session, made.id) == 25


def test_html_in_every_text_stays_text(browser: Browser, made: Proposal, save: Save) -> None:
    texts = dict.fromkeys(("title", "summary", "body", "place", "help_wanted", "author_name"), EVIL)
    save(**texts, lines=(DraftLine(what=EVIL, quantity=1, unit_cents=30_000, source=EVIL),))
    save(**{name: f"{text} ja" for name, text in texts.items()})
    for address in ("", "/1", "/2", "/3", "/1?met=3"):
        page = browser.get(f"{made.path}/versies{address}")
        assert "<script>alert" not in page.html
        assert "<img" not in page.html


def test_a_decision_keeps_the_version_that_was_read(
    session: Session, browser: Browser, made: Proposal, save: Save, round_: Round, now: datetime
) -> None:
    save(title="Beter")
    verdict = Verdict(admitted=True, reason="Het kan.", cost_cents=30_000)
    by = person(session, Role.COORDINATOR, "E")
    assert decide_proposal(session, made, verdict, seen=made.version, by=by, now=now).revision == 2
    without = plan(session, round_, now=now, status=ProposalStatus.SUBMITTED)
    assert decide_proposal(session, without, verdict, seen=without.version, by=by, now=now).revision is None
    session.commit()
    assert "Beoordeeld is versie 2." in browser.get(made.path).text
    assert "Beoordeeld" not in browser.get(without.path).text
    assert numbers(session, made) == [1, 2], "a decision is no version"


def test_hidden_words_are_on_no_page_of_versions_and_come_back(
    session: Session, browser: Browser, made: Proposal, save: Save, now: datetime
) -> None:
    words = {name: f"kanarie {name}" for name in ("title", "summary", "body", "place", "help_wanted", "author_name")}
    save(**words, lines=(DraftLine(what="kanarie", quantity=1, unit_cents=30_000, source="kanarie"),))
    save(summary="Zonder vogel.")
    pages = [made.path, *(f"{made.path}/versies{each}" for each in ("", "/1", "/2", "/3", "/3?met=1"))]
    singing = [address for address in pages if "kanarie" in browser.get(address).text]
    assert len(singing) == 6
    by = person(session, Role.COORDINATOR, "E")
    hiding = Hiding(reason=Reason.PERSONAL, title_too=True)
    hide_words(session, made, hiding, seen=made.version, by=by, now=now)
    save(summary="kanarie weer")
    pages.append(f"{made.path}/versies/4")
    assert [address for address in pages if "kanarie" in browser.raw(address).text] == []
    assert "Een stuk is verborgen." in browser.get(f"{made.path}/versies/3").text
    assert "Plan 1" in browser.get(f"{made.path}/versies").text
    row = session.execute(
        select(ProposalRevision.content, ProposalRevision.author_name).where(ProposalRevision.number == 2)
    ).one()
    assert tuple(row) == ("", "")
    show_words(session, made, Ruling(reason=Ground.ALLOWED), seen=made.version, by=by, now=now)
    session.commit()
    assert [address for address in pages if "kanarie" in browser.get(address).text] == [*singing, pages[-1]]
    assert numbers(session, made) == [1, 2, 3, 4], "hiding and showing make no version"
    assert made.key not in verify_log(session).otherwise


def test_who_leaves_is_in_no_version(
    session: Session, browser: Browser, made: Proposal, save: Save, maker: User, now: datetime
) -> None:
    save(author_name="Kanarie Zangvogel")
    assert "Kanarie Zangvogel bewaarde deze versie" in browser.get(f"{made.path}/versies/2").text
    erase_maker(session, subject_of(maker), by=maker, now=now)
    session.commit()
    rows = session.execute(select(ProposalRevision.__table__)).mappings().all()
    assert len(rows) == 2
    assert {(row["author_id"], row["author_name"]) for row in rows} == {(None, "")}
    assert not any("Kanarie" in str(value) for row in rows for value in row.values())
    assert "Deze versie is bewaard op" in browser.get(f"{made.path}/versies/2").text
    assert made.key not in verify_log(session).otherwise


@pytest.mark.parametrize(
    "values",
    [{"content": "{}"}, {"number": 9}, {"author_name": "Iemand"}, {"saved_at": datetime(2020, 1, 1, tzinfo=UTC)}],
)
def test_the_database_refuses_another_past(session: Session, made: Proposal, values: dict[str, Any]) -> None:
    table = ProposalRevision.__table__
    for statement in (table.update().values({table.c[name]: value for name, value in values.items()}), table.delete()):  # type: ignore[attr-defined]
        with pytest.raises(DBAPIError, match="append-only"), session.begin_nested():
            session.execute(statement)


def test_one_of_two_tabs_saves_and_the_other_is_shown_both(
    session: Session, signed_in: SignIn, made: Proposal, maker: User, round_: Round
) -> None:
    browser = signed_in(maker)
    forms = [browser.get("proposals.edit", proposal_id=made.id).hidden(f"{made.path}/wijzigen") for _ in range(2)]
    typed: Draft = draft_of(made)
    fields = {"title": "Een", "summary": typed.summary, "body": typed.body, "theme": str(round_.themes[0].id)}
    fields |= {"buurt": "EA01", "author_name": "Wij", "language": "nl", "actie": "verder"}
    fields |= {"lines-0-what": "Alles", "lines-0-quantity": "1", "lines-0-unit_cents": "300"}
    browser.post("proposals.edit", forms[0] | fields, proposal_id=made.id)
    browser.post("proposals.edit", forms[1] | fields | {"title": "Twee"}, status=409, proposal_id=made.id)
    assert numbers(session, made) == [1, 2]
