"""What the app certified comes out again, byte by byte, of the two files that it publishes."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from buurtbegroot.areas.models import Area
from buurtbegroot.box.domain.anchors import anchor_withdrawal
from buurtbegroot.cli import main
from buurtbegroot.core.canonical import canonical_json
from buurtbegroot.core.methods import EqualShares, Method, Share, Start, Stop, Tail, Utility
from buurtbegroot.core.pabulib import read as read_pb
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.plans import Grouping
from buurtbegroot.core.rules import BallotRules, CountingRules, Limits, Pot, RestRule, Ruleset, TieKey, to_json
from buurtbegroot.core.tally.comparing import EURO_BY_EURO, UNTIL_SPENT
from buurtbegroot.counting.table import money
from buurtbegroot.proposals.models import ProposalStatus
from buurtbegroot.tally.queries import tally_of
from tests.factories.proposals import plan
from tests.factories.rounds import budget_rules, round_in
from tests.factories.tally import Vote, start_vote
from tests.pages import Browser

COSTS = (60_000, 40_000, 40_000, 10_000, 25_050, 40_000, 15_000, 5_000)
BALLOTS: Sequence[Sequence[int]] = (
    [0, 1], [0, 3, 4], [0], [1, 2], [2, 5], [5, 1], [4, 6], [3, 6], [7, 4, 2], [], [1, 5, 3], [6, 7],
)  # fmt: skip
THEMES = ("Groen, water", 'Samen; "eten"')  # what the format splits and quotes
ONE_POT = (Pot(id="alles", name="Alles", cents=100_000),)
BY_THEME = (Pot(id=THEMES[0], name=THEMES[0], cents=60_000), Pot(id=THEMES[1], name=THEMES[1], cents=40_000))
BY_AREA = (Pot(id="EA01", name="Westbuurt 1", cents=60_000), Pot(id="EA02", name="Westbuurt 2", cents=40_000))

pytestmark = pytest.mark.slow


def rules(pots: tuple[Pot, ...] = ONE_POT, by: Grouping | None = None, **counting: Any) -> Ruleset:
    return Ruleset(
        pots=pots, pots_by=by, ballot=BallotRules(whole=Limits(min_choices=0)), counting=CountingRules(**counting)
    )


def shares(**parameters: Any) -> dict[str, Any]:
    return {"method": Method.EQUAL_SHARES, "equal_shares": EqualShares(**parameters)}


KINDS = {
    "money": budget_rules(100_000, min_choices=0),
    "part": rules(rest=RestRule.PART),
    "stop": rules(rest=RestRule.STOP, top_up_from=Share(num=4, den=5)),
    "threshold": rules(min_votes=2, min_share=Share(num=1, den=4)),
    "support": rules(support_per_cost=Share(num=1, den=2)),
    "lot": rules(ties=(TieKey.LOT,)),
    "ties": rules(ties=(TieKey.MOST_VOTES_FIRST, TieKey.CHEAPEST_FIRST, TieKey.LISTED_FIRST, TieKey.LOT)),
    "theme caps": rules(theme_caps={THEMES[0]: 55_000}, leftovers_ignore_caps=True),
    "area caps": rules(area_caps={"EA01": 50_000, "EA02": 45_000}),
    "minimums": rules(theme_minimums={THEMES[1]: 40_000}, area_minimums={"EA01": 20_000}),
    "per district": rules(area_minimums={"E": 30_000}, area_caps={"E": 70_000}),
    "pots by theme": rules(BY_THEME, Grouping.THEME),
    "pots by area": rules(BY_AREA, Grouping.AREA, rest=RestRule.PART, min_share=Share(num=1, den=6)),
    "votes per euro": rules(method=Method.VOTES_PER_EURO),
    "welfare": rules(method=Method.WELFARE, utility=Utility.COST),
    "equal shares": rules(method=Method.EQUAL_SHARES, equal_shares=EURO_BY_EURO),
    "equal shares once": rules(**shares(step_cents=None, tail=Tail.KEEP, utility=Utility.COUNT)),
    "equal shares compared": rules(**shares(start=Start.WHOLE, step_cents=100, stop=Stop.OVERSPENT, compare=True)),
    "equal shares by area": rules(BY_AREA, Grouping.AREA, method=Method.EQUAL_SHARES, equal_shares=UNTIL_SPENT),
    "equal shares by theme": rules(BY_THEME, Grouping.THEME, ties=(TieKey.LOT,), **shares(step_cents=50)),
    "equal shares, minimums": rules(area_minimums={"EA02": 30_000}, theme_caps={THEMES[0]: 70_000}, **shares()),
    "exact equal shares": rules(method=Method.EXACT_EQUAL_SHARES, equal_shares=EqualShares(step_cents=None)),
    "phragmen": rules(method=Method.PHRAGMEN, rest=RestRule.STOP),
    "phragmen by area": rules(BY_AREA, Grouping.AREA, method=Method.PHRAGMEN, ties=(TieKey.LOT,)),
    "maximin support": rules(method=Method.MAXIMIN_SUPPORT),
    "bos": rules(method=Method.BOS),
}


def box(session: Session, folder: Path, wanted: Ruleset, *, areas: dict[str, Area], now: datetime) -> Vote:
    """Return an open box over eight plans of two themes and areas; costs tie, two are rivals, one needs another."""
    round_ = round_in(session, Phase.VOTING, areas=areas, now=now, rules=wanted)
    for theme, name in zip(round_.themes, THEMES, strict=True):
        theme.name = name
    for _ in range(5):  # so that plans are not numbered from 1, and 10 comes before 9 as text
        plan(session, round_, now=now, status=ProposalStatus.SUBMITTED)
    plans = []
    most = min(pot.cents for pot in wanted.pots)
    for place, cost in enumerate(COSTS):
        cents = min(cost, most)
        one = plan(session, round_, now=now, cents=cents, title=f'Plan "{place}"; met, tekens')
        one.theme, one.buurt_code = round_.themes[place % 2], f"EA0{1 + (place // 2) % 2}"
        plans.append(one)
    numbers = [one.id for one in plans]
    tied: dict[str, Any] = {"incompatible": ((numbers[0], numbers[4]),), "requires": ((numbers[5], numbers[1]),)}
    round_.rules = to_json(replace(wanted, counting=replace(wanted.counting, **tied))).decode()
    session.flush()
    return start_vote(session, round_, plans, folder=folder, voters=len(BALLOTS), now=now)


def published(browser: Browser, vote: Vote, name: str) -> bytes:
    response = browser.raw(f"/open-data/rondes/{vote.round.slug}/{name}")
    assert response.status_code == 200
    return response.get_data()


def recounted(browser: Browser, vote: Vote, folder: Path, *options: str) -> Result:
    """Run the command on the two files as they are downloaded."""
    downloaded(browser, vote, folder)
    found = CliRunner().invoke(main, ["count", str(folder / "vote.pb"), *options])
    assert found.exit_code == 0, found.output
    return found


def downloaded(browser: Browser, vote: Vote, folder: Path) -> None:
    (folder / "vote.pb").write_bytes(published(browser, vote, "stemmen.pb"))
    (folder / "beside.json").write_bytes(published(browser, vote, "stemmen-erbij.json"))


def assert_the_same(browser: Browser, vote: Vote, folder: Path) -> Result:
    given = ["--beside", str(folder / "beside.json"), "--certify"]
    found = recounted(browser, vote, folder, *given, "--trace", str(folder / "trace.json"))
    tally = tally_of(vote.session, vote.round.id)
    assert tally is not None
    assert tally.trace is not None
    certified = json.loads(tally.trace)["count"]["outcomes"]
    again = [one["outcome"] for one in json.loads((folder / "trace.json").read_bytes())["counts"]]
    assert [canonical_json(one) for one in again] == [canonical_json(one) for one in certified]
    assert "differs" not in found.output
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_the_command_finds_what_was_certified(
    kind: str, session: Session, browser: Browser, areas: dict[str, Area], now: datetime, tmp_path: Path
) -> None:
    vote = box(session, tmp_path, KINDS[kind], areas=areas, now=now).cast_all(BALLOTS).finish()
    assert_the_same(browser, vote, tmp_path)


@pytest.mark.parametrize("kind", ["money", "equal shares by area", "phragmen"])
@pytest.mark.parametrize("place", [0, 1])
def test_a_plan_that_was_withdrawn_stays_out_of_it(
    kind: str, place: int, session: Session, browser: Browser, areas: dict[str, Area], now: datetime, tmp_path: Path
) -> None:
    """The first of them has a rival, another plan needs the second."""
    vote = box(session, tmp_path, KINDS[kind], areas=areas, now=now).cast_all(BALLOTS)
    gone = vote.plans[place].id
    anchor_withdrawal(vote.keys.folder(vote.round.id), gone, reason="Niet te koop.")
    found = assert_the_same(browser, vote.finish(), tmp_path)
    assert "max_sum_cost" not in found.output, "the sign that it was withdrawn is no price"
    assert f"Project {gone} (cost " in published(browser, vote, "stemmen.pb").decode()


def test_pots_are_told_apart(
    session: Session, browser: Browser, areas: dict[str, Area], now: datetime, tmp_path: Path
) -> None:
    vote = box(session, tmp_path, KINDS["pots by area"], areas=areas, now=now).cast_all(BALLOTS).finish()
    options = ["--compare", "phragmen", "--html", str(tmp_path / "r.html"), "--plot", str(tmp_path / "p.svg")]
    found = assert_the_same(browser, vote, tmp_path)
    tally = tally_of(session, vote.round.id)
    assert tally is not None
    assert "Pot: Westbuurt 1, 4 projects, budget 600\n" in found.output
    assert "each of 2 pots apart" in found.output
    assert f"{money(tally.spent_cents)} spent, {money(tally.left_cents)} left" in found.output.splitlines()[-2]
    recounted(browser, vote, tmp_path, "--beside", str(tmp_path / "beside.json"), *options)
    page = (tmp_path / "r.html").read_text()
    assert (page.count("<h2>Westbuurt"), page.count("</svg>")) == (2, 2)
    names = re.findall(r' id="([^"]+)"', page)
    assert len(names) == len(set(names))
    assert (tmp_path / "p.svg").read_text().count("<circle") == len(COSTS)


def test_without_the_json_the_command_refuses_what_it_cannot_know(
    session: Session, browser: Browser, areas: dict[str, Area], now: datetime, tmp_path: Path
) -> None:
    vote = box(session, tmp_path, KINDS["area caps"], areas=areas, now=now).cast_all(BALLOTS).finish()
    by_name = recounted(browser, vote, tmp_path, "--rule", "most_votes")
    assert "differs from the winners in the file" in by_name.output
    found = CliRunner().invoke(main, ["count", str(tmp_path / "vote.pb")])
    assert found.exit_code == 2
    assert "rules in the JSON beside the file: give it with --beside" in found.output
    assert "Pozna" not in found.output
    file = read_pb((tmp_path / "vote.pb").read_text())
    assert {project.neighborhood for project in file.projects} == {"EA01", "EA02"}


def test_a_document_without_plans_has_one_pot(
    session: Session, browser: Browser, areas: dict[str, Area], now: datetime, tmp_path: Path
) -> None:
    """Areas are then those of the file."""
    vote = box(session, tmp_path, KINDS["area caps"], areas=areas, now=now).cast_all(BALLOTS).finish()
    downloaded(browser, vote, tmp_path)
    document = json.loads((tmp_path / "beside.json").read_bytes())
    for name in ("plans", "pots", "blank_ballots"):
        del document["beyond"][name]
    (tmp_path / "bare.json").write_bytes(canonical_json(document))
    found = recounted(browser, vote, tmp_path, "--beside", str(tmp_path / "bare.json"))
    assert "all as one pot" in found.output
    assert "agrees with the" in found.output
    bare = (tmp_path / "vote.pb").read_text().replace(";EA01\n", ";\n").encode()
    (tmp_path / "vote.pb").write_bytes(bare)
    document["pb_sha256"] = hashlib.sha256(bare).hexdigest()
    (tmp_path / "bare.json").write_bytes(canonical_json(document))
    found = CliRunner().invoke(main, ["count", str(tmp_path / "vote.pb"), "--beside", str(tmp_path / "bare.json")])
    assert "no project is in area EA01" in found.output
