"""The result page: every number from the trace, every verdict in words, and nothing before the result is certified."""

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from buurtbegroot.areas.models import Area
from buurtbegroot.core.methods import Share
from buurtbegroot.core.plans import Grouping
from buurtbegroot.core.rules import BallotRules, CountingRules, Limits, Pot, RestRule, Ruleset
from buurtbegroot.core.tally.document import document_from
from buurtbegroot.tally.queries import tally_of
from tests.factories.accounts import person
from tests.factories.guards import unguarded
from tests.factories.rounds import budget_rules
from tests.factories.tally import Vote, open_vote
from tests.pages import Browser, QueryCount, SignIn

BALLOTS = [[0], [0], [0], [1], [1], [2], [2, 3], [3], [0, 3], [1]]
COSTS = (60_000, 50_000, 40_000, 10_000)


def approval(**counting: object) -> Ruleset:
    return Ruleset(
        pots=(Pot(id="alles", name="Alles", cents=100_000),),
        ballot=BallotRules(whole=Limits(min_choices=1, max_choices=4)),
        counting=CountingRules(**counting),  # type: ignore[arg-type]
    )


def finished(
    session: Session, folder: Path, areas: dict[str, Area], now: datetime, rules: Ruleset | None = None
) -> Vote:
    vote = open_vote(session, folder, areas=areas, now=now, costs=COSTS, rules=rules)
    return vote.cast_all(BALLOTS).finish()


def figures_in(text: str) -> set[str]:
    return set(re.findall(r"\d[\d.]*", text))


def test_numbers_are_those_of_the_trace(
    session: Session, browser: Browser, areas: dict[str, Area], now: datetime, tmp_path: Path
) -> None:
    vote = finished(session, tmp_path, areas, now)
    page = browser.get("results.show", slug=vote.round.slug)
    tally = tally_of(session, vote.round.id)
    assert tally is not None
    document = document_from(tally.trace)
    assert page.heading == f"{len(document.outcomes[0].funded)} plannen krijgen geld"
    rows = page.find(".//table")[0].findall(".//tbody/tr")
    shown = [tuple(" ".join("".join(cell.itertext()).split()) for cell in row) for row in rows]
    expected = [
        (str(one.rank), f"Plan {vote.plans[[p.id for p in vote.plans].index(one.plan)].number}", str(one.votes))
        for one in document.outcomes[0].judgements
    ]
    assert [row[:3] for row in shown] == expected
    hashes = page.text.replace(" ", "")
    for code in (tally.trace_hash, document.ballots_sha256, document.seed):
        assert code in hashes
    assert vote.round.fingerprint in hashes
    assert "geldige stembiljetten10" in page.text


def test_few_queries_whatever_the_number_of_ballots(
    session: Session, browser: Browser, areas: dict[str, Area], now: datetime, tmp_path: Path
) -> None:
    vote = finished(session, tmp_path, areas, now)
    session.expire_all()
    with QueryCount() as queries:
        browser.get("results.show", slug=vote.round.slug)
    assert queries.number <= 8, queries.statements
    with QueryCount() as queries:
        browser.get("results.index")
    assert queries.number <= 8, queries.statements


@pytest.mark.parametrize(
    ("counting", "words"),
    [
        ({}, ["Past niet meer", "Er is nog € 300 over. Dat is € 200 te weinig.", "Past."]),
        (
            {"rest": RestRule.STOP},
            ["Niet aan de beurt", "De telling was al gestopt.", "De regel: hier stopt de telling."],
        ),
        ({"rest": RestRule.PART}, ["Krijgt een deel", "dit plan krijgt wat er nog is", "Al het geld is verdeeld."]),
        ({"min_votes": 3}, ["Te weinig stemmen", "Nodig zijn 3 stemmen. Dit plan heeft er 1 te weinig."]),
        ({"min_share": Share(num=1, den=3)}, ["Nodig zijn 4 stemmen."]),
        ({"theme_caps": {"Groen": 70_000}}, ["Grens bereikt", "Voor ‘Groen’ is hoogstens € 700."]),
        (
            {"theme_caps": {"Groen": 70_000}, "leftovers_ignore_caps": True},
            ["Wij kijken nog een keer: de grens telt nu niet meer mee."],
        ),
    ],
)
def test_every_verdict_is_explained(
    counting: dict[str, object],
    words: list[str],
    session: Session,
    browser: Browser,
    areas: dict[str, Area],
    now: datetime,
    tmp_path: Path,
) -> None:
    vote = finished(session, tmp_path, areas, now, approval(**counting))
    page = browser.get("results.show", slug=vote.round.slug)
    for each in words:
        assert each in page.text.replace("\u00a0", " "), page.text


def test_incompatible_plans_and_lots_are_named(
    session: Session, browser: Browser, areas: dict[str, Area], now: datetime, tmp_path: Path
) -> None:
    vote = open_vote(session, tmp_path, areas=areas, now=now, costs=(60_000, 60_000), rules=approval())
    vote.cast_all([[0], [1]]).finish()
    page = browser.get("results.show", slug=vote.round.slug)
    assert "Gelijk aantal stemmen" in page.text
    assert "Daarom is er geloot" in page.text
    assert "De groep is kleiner dan 10" in page.text


def test_pots_are_told_apart(
    session: Session, browser: Browser, areas: dict[str, Area], now: datetime, tmp_path: Path
) -> None:
    pots = (Pot(id="Groen", name="Voor groen", cents=60_000), Pot(id="Samen", name="Voor samen", cents=40_000))
    rules = replace(approval(), pots=pots, pots_by=Grouping.THEME)
    vote = finished(session, tmp_path, areas, now, rules)
    page = browser.get("results.show", slug=vote.round.slug)
    assert "Voor groen" in page.text
    assert "Voor samen" in page.text


@pytest.mark.parametrize(("voters", "turnout"), [(12, "Opkomst83,3%"), (10, "Opkomstonbekend")])
def test_claims_no_turnout_when_codes_only_count_the_ballots(
    session: Session,
    browser: Browser,
    areas: dict[str, Area],
    now: datetime,
    tmp_path: Path,
    *,
    voters: int,
    turnout: str,
) -> None:
    vote = open_vote(session, tmp_path, areas=areas, now=now, costs=COSTS, voters=voters)
    vote.cast_all(BALLOTS).finish()
    assert turnout in browser.get("results.show", slug=vote.round.slug).text


def test_what_is_left_out_and_notes_show(
    session: Session, browser: Browser, areas: dict[str, Area], now: datetime, tmp_path: Path
) -> None:
    vote = open_vote(session, tmp_path, areas=areas, now=now, costs=COSTS)
    with unguarded(session):  # a sample says so from the beginning
        vote.round.note = "Stembiljetten zijn nagemaakt uit de totalen."
    vote.cast_all(BALLOTS)
    session.execute(text("UPDATE ballot_box SET sealed = '' WHERE locator = (SELECT locator FROM ballot_box LIMIT 1)"))
    session.expire_all()
    vote.close().open().count().certify()
    page = browser.get("results.show", slug=vote.round.slug)
    assert "1 envelop telt niet mee" in page.text
    assert "de envelop gaat niet open" in page.text
    assert "Stembiljetten zijn nagemaakt uit de totalen." in page.text


PLACES = (
    "/",
    "/uitslagen",
    "/rondes",
    "/rondes/{slug}",
    "/rondes/{slug}/uitslag",
    "/rondes/{slug}/plannen",
    "/plannen",
    "/plannen/{plan}",
    "/logboek",
    "/open-data",
    "/gebieden",
    "/open-data/rondes.csv",
    "/open-data/plannen.csv",
    "/open-data/uitslag.csv?ronde={slug}",
    "/open-data/stembiljetten.jsonl?ronde={slug}",
    "/open-data/deelname.csv",
)
FILES = ("uitslag.json", "telling.json", "stemmen.pb", "stembiljetten.jsonl")


def test_nothing_of_the_votes_shows_before_certification(
    session: Session, browser: Browser, areas: dict[str, Area], now: datetime, tmp_path: Path
) -> None:
    vote = open_vote(session, tmp_path, areas=areas, now=now, costs=(61_337, 50_000, 40_000))
    vote.cast_all([[0], [0], [2]]).close().open().count()
    for place in PLACES:
        response = browser.raw(place.format(slug=vote.round.slug, plan=vote.plans[0].id))
        body = response.get_data(as_text=True).replace("\u00a0", " ")
        assert response.status_code == 200, place
        assert not re.search(r"2 stemmen|3 geldige stem|101337|1\.013,37 gaat", body), place
    assert "De uitslag komt nog" in browser.get("results.show", slug=vote.round.slug).text
    assert vote.round.title not in browser.get("results.index").text
    for name in FILES:
        assert browser.raw(f"/open-data/rondes/{vote.round.slug}/{name}").status_code == 404
    vote.certify()
    assert vote.round.title in browser.get("results.index").text


def test_unknown_and_unpublished_rounds_are_not_found(browser: Browser) -> None:
    browser.get("/rondes/bestaat-niet/uitslag", status=404)


def test_a_round_under_vote_says_until_when(
    session: Session, browser: Browser, areas: dict[str, Area], now: datetime, tmp_path: Path
) -> None:
    vote = open_vote(session, tmp_path, areas=areas, now=now)
    page = browser.get("results.show", slug=vote.round.slug)
    assert "kan tot" in page.text


def test_the_list_has_an_empty_state_and_pages(browser: Browser, app: Flask) -> None:
    assert "Er is nog geen uitslag." in browser.get("results.index").text
    assert browser.get("/uitslagen?pagina=99").status == 200


def test_an_empty_box_has_a_page(
    session: Session, browser: Browser, areas: dict[str, Area], now: datetime, tmp_path: Path
) -> None:
    vote = open_vote(session, tmp_path, areas=areas, now=now, rules=budget_rules(100_000)).finish()
    assert browser.get("results.show", slug=vote.round.slug).heading == "Geen plan krijgt geld"


def test_the_maker_reads_what_became_of_a_plan(
    session: Session, signed_in: SignIn, areas: dict[str, Area], now: datetime, tmp_path: Path
) -> None:
    vote, maker = open_vote(session, tmp_path, areas=areas, now=now, costs=COSTS), person(session)
    with unguarded(session):
        vote.plans[0].author = maker
    vote.cast_all([[0], [0], [1]])
    browser = signed_in(maker)

    def read() -> list[str]:
        session.expire_all()
        own = browser.get("proposals.mine"), browser.get("proposals.show", proposal_id=vote.plans[0].id)
        chips = [[each for each in page.find(".//main//span") if "bb-chip" in each.get("class", "")] for page in own]
        return ["".join(found[0].itertext()) for found in chips]

    assert read() == ["Op het stembiljet"] * 2
    vote.close()
    assert read() == ["Stond op het stembiljet"] * 2
    vote.open().count().certify()
    with QueryCount() as queries:
        assert read() == ["Krijgt geld"] * 2
    assert queries.number <= 16, queries.statements
