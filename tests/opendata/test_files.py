"""Files that read back as what was counted, that spreadsheets cannot run, and that the public checker accepts."""

import csv
import hashlib
import io
import json
import re
from collections import Counter
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from buurtbegroot.areas.models import Area
from buurtbegroot.core.methods import EqualShares, Method, Share
from buurtbegroot.core.pabulib import read as parse_pb
from buurtbegroot.core.pabulib import read_beside
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.plans import Grouping, Plan
from buurtbegroot.core.records import from_plain
from buurtbegroot.core.rules import BallotRules, CountingRules, Limits, Pot, RestRule, Ruleset, TieKey
from buurtbegroot.core.tally import count
from buurtbegroot.core.tally.comparing import EURO_BY_EURO, UNTIL_SPENT
from buurtbegroot.core.tally.election import Election
from buurtbegroot.opendata.domain.dutch import NAMES, in_dutch
from buurtbegroot.opendata.domain.tables import Euros, Percent, Spelling, csv_lines
from buurtbegroot.proposals.models import ProposalStatus
from buurtbegroot.tally.queries import plan_results, tally_of
from tests.factories.proposals import plan
from tests.factories.rounds import budget_rules, round_in
from tests.factories.tally import Vote, open_vote, start_vote
from tests.opendata.checker import faults_of_checker
from tests.pages import Browser

BALLOTS = [[0], [0], [0], [1], [1], [2], [2], [1], [0], [1], [2]]
CODES = {code.value for kind in NAMES for code in kind} | {"cheapest_first lot"}
CODED = {"status", "fase", "stemvorm", "telregel", "restregel", "gelijkspelregel", "uitkomst"}
WORDS = {in_dutch(code) for kind in NAMES for code in kind}
COSTS = (60_000, 50_050, 40_000, 10_000)


@pytest.fixture
def vote(session: Session, areas: dict[str, Area], now: datetime, tmp_path: Path) -> Vote:
    return open_vote(session, tmp_path, areas=areas, now=now, costs=COSTS).cast_all(BALLOTS).finish()


def url(vote: Vote, name: str) -> str:
    return f"/open-data/rondes/{vote.round.slug}/{name}"


def read(browser: Browser, path: str) -> str:
    response = browser.raw(path)
    assert response.status_code == 200, path
    return response.get_data().decode()


def approval(**counting: Any) -> Ruleset:
    return Ruleset(
        pots=(Pot(id="alles", name="Alles", cents=100_000),),
        ballot=BallotRules(whole=Limits(min_choices=1, max_choices=2)),
        counting=CountingRules(**counting),
    )


def test_csv_round_trip_in_both_spellings(browser: Browser, vote: Vote) -> None:
    dutch = list(
        csv.DictReader(io.StringIO(read(browser, url(vote, "uitslag.csv")).removeprefix("\ufeff")), delimiter=";")
    )
    machine = list(csv.DictReader(io.StringIO(read(browser, url(vote, "uitslag-machine.csv")))))
    stored = plan_results(vote.session, vote.round.id)
    for row, plain in zip(dutch, machine, strict=True):
        result = stored[int(row["planId"])]
        assert (int(row["stemmen"]), int(row["rang"])) == (result.votes, result.rank)
        assert row["toegekendEur"] == f"{result.awarded_cents / 100:.2f}".replace(".", ",")
        assert plain["toegekendEur"] == f"{result.awarded_cents / 100:.2f}"
        assert (row["gekozen"] == "ja") == (plain["gekozen"] == "true") == bool(result.awarded_cents)
    assert len(dutch) == 4


def test_files_are_served_as_what_they_are(browser: Browser, vote: Vote) -> None:
    kinds = {
        "uitslag.csv": "text/csv",
        "uitslag-machine.csv": "text/csv",
        "uitslag.json": "application/json",
        "telling.json": "application/json",
        "stemmen.pb": "text/plain",
        "stemmen-erbij.json": "application/json",
        "stembiljetten.jsonl": "application/x-ndjson",
    }
    for name, kind in kinds.items():
        response = browser.raw(url(vote, name))
        assert response.mimetype == kind
        assert f'filename="{vote.round.slug}-{name}"' in response.headers["Content-Disposition"]
        response.get_data()
    assert browser.raw(url(vote, "uitslag.csv")).get_data().startswith(b"\xef\xbb\xbf")


def test_hashes_on_the_page_are_those_of_the_files(browser: Browser, vote: Vote) -> None:
    page = browser.get("results.show", slug=vote.round.slug).text.replace(" ", "")
    for name in ("telling.json", "stembiljetten.jsonl"):
        assert hashlib.sha256(read(browser, url(vote, name)).encode()).hexdigest() in page


def test_ballots_add_up_to_the_result(browser: Browser, vote: Vote) -> None:
    ballots = [json.loads(line) for line in read(browser, url(vote, "stembiljetten.jsonl")).splitlines()]
    votes = Counter(plan for ballot in ballots for plan in ballot["choices"])
    assert {plan: row.votes for plan, row in plan_results(vote.session, vote.round.id).items() if row.votes} == votes
    assert [ballot["tracker"] for ballot in ballots] == sorted(ballot["tracker"] for ballot in ballots)
    whole = json.loads(read(browser, url(vote, "uitslag.json")))
    tally = tally_of(vote.session, vote.round.id)
    assert tally is not None
    assert (whole["valid_ballots"], whole["trace_sha256"]) == (len(ballots), tally.trace_hash)


@pytest.mark.parametrize(
    ("rules", "rule"),
    [
        (budget_rules(100_000), "greedy-threshold"),  # a plan without votes gets nothing
        (approval(min_votes=0), "greedy"),
        (approval(rest=RestRule.STOP), "greedy-no-skip"),
        (approval(rest=RestRule.PART), "greedy-no-skip"),
        (approval(min_votes=4), "greedy-threshold"),
        (approval(min_share=Share(num=1, den=3), rest=RestRule.STOP), "greedy-no-skip"),
        (approval(theme_caps={"Groen": 70_000}), "greedy-custom"),
        (
            replace(
                approval(),
                pots=(Pot(id="Groen", name="Groen", cents=60_000), Pot(id="Samen", name="Samen", cents=40_000)),
                pots_by=Grouping.THEME,
            ),
            "greedy-custom",
        ),
        (approval(method=Method.EQUAL_SHARES, equal_shares=replace(UNTIL_SPENT, step_cents=None)), "equalshares"),
        (approval(method=Method.EQUAL_SHARES, equal_shares=UNTIL_SPENT), "equalshares/add1"),
        (
            approval(method=Method.EQUAL_SHARES, equal_shares=replace(UNTIL_SPENT, compare=True)),
            "equalshares/add1-comparison",
        ),
        (approval(method=Method.EQUAL_SHARES, equal_shares=replace(UNTIL_SPENT, step_cents=10)), "unknown"),
        (approval(method=Method.EQUAL_SHARES, equal_shares=UNTIL_SPENT, min_votes=2), "unknown"),
        (approval(method=Method.EQUAL_SHARES, equal_shares=EURO_BY_EURO), "unknown"),
        (approval(method=Method.PHRAGMEN), "unknown"),
    ],
)
def test_the_public_checker_accepts_the_votes(
    rules: Ruleset,
    rule: str,
    session: Session,
    browser: Browser,
    areas: dict[str, Area],
    now: datetime,
    tmp_path: Path,
) -> None:
    costs = (60_000, 50_000, 40_000, 10_000)  # whole euros: the checker loses cents when it adds up what is left
    vote = open_vote(session, tmp_path, areas=areas, now=now, costs=costs, rules=rules).cast_all(BALLOTS).finish()
    text = read(browser, url(vote, "stemmen.pb"))
    assert faults_of_checker(text) == {}, text
    assert f"rule;{rule}\n" in text


def test_the_public_checker_accepts_plans_without_a_theme_or_a_buurt(
    session: Session, browser: Browser, areas: dict[str, Area], now: datetime, tmp_path: Path
) -> None:
    round_ = round_in(session, Phase.VOTING, areas=areas, now=now, rules=approval())
    plans = [plan(session, round_, now=now, cents=cents) for cents in (60_000, 50_000, 40_000, 10_000)]
    plans[0].theme = plans[3].theme = plans[1].buurt = plans[3].buurt = None
    session.flush()
    vote = start_vote(session, round_, plans, folder=tmp_path, voters=12, now=now).cast_all(BALLOTS).finish()
    text = read(browser, url(vote, "stemmen.pb"))
    assert faults_of_checker(text) == {}, text
    assert not re.search(r";(0|\"\")(;|$)", text.partition("PROJECTS")[0], re.MULTILINE), "what is unknown is left out"


def test_the_file_and_the_json_beside_it_give_the_count_again(
    session: Session, browser: Browser, areas: dict[str, Area], now: datetime, tmp_path: Path
) -> None:
    counting = CountingRules(method=Method.EQUAL_SHARES, equal_shares=EURO_BY_EURO, ties=(TieKey.LOT,))
    rules = replace(approval(), counting=counting)
    vote = open_vote(session, tmp_path, areas=areas, now=now, rules=rules).cast_all([[0], [0], [1], [1], [2], [1, 2]])
    vote.finish()
    pb = browser.raw(url(vote, "stemmen.pb")).get_data()
    beyond = read_beside(browser.raw(url(vote, "stemmen-erbij.json")).get_data(), pb)
    assert from_plain(EqualShares, json.loads(beyond.parameters["equal_shares"])) == EURO_BY_EURO
    assert (beyond.parameters["method"], beyond.parameters["ties"]) == ("equal_shares", '["lot"]')
    file = parse_pb(pb.decode())
    again = count(
        Election.from_ballots(
            [Plan(id=int(project.project_id), cost_cents=project.cost) for project in file.projects],
            Counter(tuple(map(int, ballot.choices)) for ballot in file.votes),
            budget_cents=file.budget,
            seed=bytes.fromhex(beyond.seed),
        ),
        counting,
    )
    stored = {plan: row.awarded_cents for plan, row in plan_results(session, vote.round.id).items()}
    assert {one.plan: one.awarded_cents for one in again.judgements} == stored
    ranked = {plan: place for place, plan in enumerate(beyond.tie_order)}
    assert sorted(ranked, key=ranked.__getitem__) == [str(plan) for plan in again.lot]


def test_all_rounds_and_plans(browser: Browser, vote: Vote) -> None:
    rounds = list(csv.DictReader(io.StringIO(read(browser, "/open-data/rondes-machine.csv"))))
    row = next(row for row in rounds if row["rondeId"] == vote.round.slug)
    assert (row["aantalStemmers"], row["aantalCodes"], row["opkomstPct"]) == ("11", "12", "91.7")
    assert row["budgetEur"] == "1000.00"
    plans = list(csv.DictReader(io.StringIO(read(browser, "/open-data/plannen-machine.csv"))))
    assert [plan["stemmen"] for plan in plans if plan["rondeId"] == vote.round.slug] == ["4", "4", "3", "0"]


def test_formulas_stay_text_in_excel_and_are_unchanged_for_programs() -> None:
    formulas, plain = (
        ["=1+1", "+31", "-2", "@SUM", "\tx", "＝1", "＋1", "－1", "＠x"],
        ["gewoon", 'met "quotes"; en, komma'],
    )
    for spelling, delimiter, sign in ((Spelling.DUTCH, ";", "'"), (Spelling.MACHINE, ",", "")):
        text = "".join(csv_lines(("titel",), [(each,) for each in formulas + plain], spelling)).removeprefix("\ufeff")
        back = [row[0] for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)][1:]
        assert back == [sign + formula for formula in formulas] + plain


def test_codes_are_dutch_words_in_the_dutch_file_whoever_reads(browser: Browser, vote: Vote) -> None:
    for name in ("/open-data/plannen", "/open-data/rondes", url(vote, "uitslag")):
        response = browser.client.get(f"{name}.csv", headers={"Accept-Language": "en"})
        dutch = list(csv.DictReader(io.StringIO(response.get_data().decode().removeprefix("\ufeff")), delimiter=";"))
        machine = list(csv.DictReader(io.StringIO(read(browser, f"{name}-machine.csv"))))
        for column in {"status", "fase", "stemvorm", "telregel", "restregel", "gelijkspelregel", "uitkomst"} & {
            *dutch[0]
        }:
            words, codes = [{row[column] for row in rows} for rows in (dutch, machine)]
            assert codes <= CODES, column
            assert not words & CODES, column
            assert words <= {*WORDS, "goedkoopste plan, loten"}


@pytest.mark.parametrize("kind", NAMES)
def test_every_code_has_a_word(kind: type[StrEnum]) -> None:
    assert {code for code in kind if not in_dutch(code)} == set()


def test_what_nobody_knows_is_empty(session: Session, browser: Browser, areas: dict[str, Area], now: datetime) -> None:
    round_ = round_in(session, Phase.SUBMISSION, areas=areas, now=now)
    found = plan(session, round_, now=now, status=ProposalStatus.SUBMITTED).id
    session.commit()
    for name in ("plannen.csv", "plannen-machine.csv"):
        text = read(browser, f"/open-data/{name}").removeprefix("\ufeff")
        rows = csv.DictReader(io.StringIO(text), delimiter=";" if name == "plannen.csv" else ",")
        row = next(row for row in rows if row["planId"] == str(found))
        assert (row["aangevraagdEur"].replace(",", "."), row["getoetstEur"]) == ("100.00", "")


def test_cells_in_both_spellings(now: datetime) -> None:
    row = (Euros(123_456_789), Euros(-5), Percent(1, 3), Percent(1, 0), True, now, None, 7)
    dutch = "".join(csv_lines(("a",), [row], Spelling.DUTCH)).splitlines()[1]
    machine = "".join(csv_lines(("a",), [row], Spelling.MACHINE)).splitlines()[1]
    assert dutch == "1234567,89;-0,05;33,3;;ja;21-11-2026 12:00;;7"
    assert machine == "1234567.89,-0.05,33.3,,true,2026-11-21T11:00:00Z,,7"


def test_the_list_of_files(browser: Browser, vote: Vote) -> None:
    page = browser.get("opendata.index")
    links = [link.get("href") or "" for link in page.find(".//main//a")]
    files = [link for link in links if link.startswith("/open-data/") and "." in link]
    assert len(files) == 11
    for link in files:
        assert browser.raw(link).status_code == 200


def test_no_files_of_an_unknown_round(browser: Browser) -> None:
    for name in ("uitslag.csv", "uitslag.json", "stemmen.pb", "stembiljetten.jsonl"):
        browser.get(f"/open-data/rondes/bestaat-niet/{name}", status=404)
