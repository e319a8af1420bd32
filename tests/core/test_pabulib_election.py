"""A round's plain data as a .pb file, and what the public checker says about it."""

import contextlib
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from buurtbegroot.core.pabulib import Election, PbFile, PbProject, election_file, read, write

ELECTION = Election(
    description="Buurtbudget Voorbeeldbuurt",
    unit="Amsterdam",
    district="Oost",
    instance="Voorbeeldbuurt 2026",
    budget=1_000_000,
    date_begin=date(2026, 5, 1),
    date_end=date(2026, 5, 20),
    min_length=1,
    max_length=9,
    max_sum_cost=1_000_000,
    comments=("Ties are broken by lot.",),
    extra={"leftover_budget": "Fund additional projects that fit within leftover budget ordered by score"},
)
PLANS = (
    PbProject("11", 700_050, name="Feest", category=("Samen",), selected=0),
    PbProject("12", 500_000, name='Bankjes; "mooie" bankjes', category=("Groen, water",), selected=1),
    PbProject("13", 400_000, name="Tuin\nachter", category=("Groen",), selected=1),
)
BALLOTS = (("13", "12"), ("12",), (), ("11",), ("12", "13"), ("11",), ("12", "13"))


def problems(file: PbFile) -> dict[str, Any]:
    """The checker's errors; it prints its progress, which nobody needs here."""
    checker = pytest.importorskip("pabulib.checker").Checker()
    with contextlib.redirect_stdout(io.StringIO()):
        results = checker.process_files([write(file)])
    errors: dict[str, Any] = results[1]["results"]["errors"]
    return errors


def test_a_round_becomes_a_file_that_reads_back_equal() -> None:
    file = election_file(ELECTION, plans=PLANS, ballots=BALLOTS)
    text = write(file)

    assert read(text) == replace(file, projects=tuple(map(on_one_line, file.projects)))
    assert [(plan.project_id, plan.votes) for plan in file.projects] == [("12", 4), ("13", 3), ("11", 2)]
    assert text.splitlines()[2:6] == [
        "description;Buurtbudget Voorbeeldbuurt",
        "country;Netherlands",
        "unit;Amsterdam",
        "district;Oost",
    ]
    assert "max_length;3\nmax_sum_cost;10000\ncategories;Groen water,Groen,Samen\nlanguage;nl" in text
    assert "date_begin;01.05.2026\ndate_end;20.05.2026" in text
    assert "#1: Ties are broken by lot. #2: Blank ballots left out, as the format cannot hold them: 1." in text


def on_one_line(plan: PbProject) -> PbProject:
    return replace(plan, name=plan.name.replace("\n", " "))


def test_the_order_of_casting_leaves_no_trace() -> None:
    assert election_file(ELECTION, plans=PLANS, ballots=BALLOTS) == election_file(
        ELECTION, plans=PLANS, ballots=BALLOTS[::-1]
    )


def test_the_checker_accepts_an_approval_and_a_knapsack_round() -> None:
    file = election_file(ELECTION, plans=PLANS, ballots=BALLOTS)
    approval = replace(ELECTION, max_sum_cost=None, min_length=None, comments=(), extra={}, district="")

    assert problems(file) == {}
    assert problems(election_file(approval, plans=PLANS, ballots=BALLOTS)) == {}


def test_the_checker_still_sees_a_wrong_outcome() -> None:
    wrong = [replace(plan, selected=int(plan.project_id == "11")) for plan in PLANS]

    assert "greedy rule not followed" in problems(election_file(ELECTION, plans=wrong, ballots=BALLOTS))


def test_the_checker_accepts_a_round_in_which_every_plan_is_funded() -> None:
    election = replace(ELECTION, budget=2_000_000)
    plans = [replace(plan, selected=1) for plan in PLANS]
    file = election_file(election, plans=plans, ballots=BALLOTS)

    assert file.meta["fully_funded"] == "1"
    assert problems(file) == {}


@pytest.mark.parametrize("winner", ["11", "12"])
def test_the_checker_follows_the_winner_of_a_tie(winner: str) -> None:
    plans = [PbProject(key, 600_000, name=f"Plan {key}", selected=int(key == winner)) for key in ("11", "12")]

    assert problems(election_file(ELECTION, plans=plans, ballots=[("11",), ("12",)])) == {}


@pytest.mark.parametrize(
    ("vote_type", "ballots", "points", "limits"),
    [
        ("cumulative", [("13", "12"), ("12",)], [(1, 2), (3,)], {"max_points": 3, "max_sum_points": 3}),
        ("ordinal", [("12", "13"), ("13", "12"), ("12", "11")], [(2, 1)] * 3, {}),
        ("choose-1", [("12",), ("12",), ("13",)], None, {"max_length": 1}),
    ],
)
def test_the_checker_accepts_the_other_ballot_types(
    *,
    vote_type: str,
    ballots: list[Sequence[str]],
    points: list[Sequence[int]] | None,
    limits: dict[str, int],
) -> None:
    election = replace(ELECTION, vote_type=vote_type, max_sum_cost=None, **limits)  # type: ignore[arg-type]
    file = election_file(election, plans=PLANS, ballots=ballots, points=points)

    assert problems(file) == {}
    assert all((plan.score is None) == (points is None) for plan in file.projects)


def test_totals_that_contradict_the_ballots_are_refused() -> None:
    with pytest.raises(ValueError, match="plan 11: 9 votes given, 2 counted"):
        election_file(ELECTION, plans=[replace(PLANS[0], votes=9), *PLANS[1:]], ballots=BALLOTS)
    with pytest.raises(ValueError, match="not on the list: 99"):
        election_file(ELECTION, plans=PLANS, ballots=[("99",)])
