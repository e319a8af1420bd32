"""Whatever money is split over, each column adds up to all of it; and nobody's share is told of too few people."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbegroot.akkoord.domain import PointName
from buurtbegroot.areas.models import CITY, Level
from buurtbegroot.figures.domain.money import NONE, Division, Money, Side, Split, lines, totals
from buurtbegroot.figures.domain.steps import STEPS, bound_of, step_of
from buurtbegroot.population.domain.people import Measure, People, together

AREAS = {Level.DISTRICT: "EK", Level.GEBIED: "gh", Level.WIJK: "vw", Level.BUURT: "ab"}


@st.composite
def money(draw: st.DrawFn) -> Money:
    number = draw(st.integers(1, 4))
    places = {level: draw(st.sampled_from(["", *codes])) for level, codes in AREAS.items()}
    names = st.builds(PointName, st.integers(1, 9), st.sampled_from(["2019", "2026"]))
    points = st.lists(names, max_size=4).map(tuple)
    return Money(
        side=draw(st.sampled_from(Side)),
        cents=draw(st.integers(0, 10**9)),
        round_id=number,
        slug=f"ronde-{number}",
        year=2020 + number,
        decided=number > 2,
        at={Level.CITY: CITY} | {level: code for level, code in places.items() if code},
        theme=draw(st.sampled_from(["", "Groen"])),
        own_points=draw(points),
        round_points=draw(points),
        plan_id=draw(st.integers(1, 99)),
    )


@given(st.lists(money(), max_size=12), st.sampled_from(Split), st.sampled_from(Division))
def test_every_split_adds_up_to_all_of_the_money(amounts: list[Money], split: Split, division: Division) -> None:
    found = lines(amounts, split, division=division)
    for side, name in ((Side.OFFERED, "offered"), (Side.AWARDED, "awarded")):
        whole = sum(each.cents for each in amounts if each.side is side)
        assert sum(getattr(line, name) or 0 for line in found) == whole
    assert len({line.key for line in found}) == len(found)


@given(money(), st.sampled_from(Division))
def test_points_share_an_amount_equally(amount: Money, division: Division) -> None:
    parts = amount.parts(Split.POINTS, division)
    assert sum(parts.values()) == amount.cents
    assert max(parts.values()) - min(parts.values()) <= 1


def test_a_plan_counts_at_its_own_points_or_at_those_of_its_round() -> None:
    plan = one(cents=100, own_points=named(3), round_points=named(3, 4, 15))
    assert plan.parts(Split.POINTS, Division.BY_PLAN) == {"2019_3": 100}
    assert plan.parts(Split.POINTS, Division.BY_ROUND) == {"2019_3": 34, "2019_4": 33, "2019_15": 33}
    assert one(cents=7).parts(Split.POINTS, Division.BY_PLAN) == {NONE: 7}


def test_the_same_number_in_two_editions_is_two_points() -> None:
    both = one(cents=7, round_points=(PointName(3, "2026"), *named(3)))
    assert both.parts(Split.POINTS, Division.BY_ROUND) == {"2019_3": 4, "2026_3": 3}


def test_nothing_is_zero_only_where_an_outcome_says_so() -> None:
    open_, closed = one(Side.OFFERED, year=2025), one(Side.OFFERED, year=2026, decided=True)
    by_year = {line.key: line for line in lines([open_, closed], Split.YEARS, division=Division.BY_PLAN)}
    assert (by_year["2025"].awarded, by_year["2026"].awarded) == (None, 0)
    (line,) = lines([], Split.WIJKEN, division=Division.BY_PLAN, decided_at=["EA"])
    assert (line.key, line.offered, line.awarded) == ("EA", None, 0)


def test_what_was_not_awarded_is_of_own_rounds_with_an_outcome() -> None:
    amounts = [
        one(Side.OFFERED, cents=100, decided=True),
        one(cents=60, decided=True),
        one(Side.OFFERED, cents=30, round_id=2),
        one(cents=40, round_id=3, decided=True),
    ]
    found = totals(amounts, own=frozenset({1, 2}), touched={1: True, 2: False, 3: True})
    assert (found.offered, found.awarded, found.undecided) == (130, 100, 30)
    assert (found.left, found.share, found.rounds, found.plans) == (40, 60, 2, 2)
    assert totals([], own=frozenset(), touched={}).left is None


@pytest.mark.parametrize(
    ("people", "measure", "share"),
    [
        (People(1_000, 400), Measure.INHABITANT, 33),
        (People(1_000, 400), Measure.HOUSEHOLD, 83),
        (People(999, 400), Measure.INHABITANT, None),
        (People(999, 400), Measure.HOUSEHOLD, None),
        (People(None, 400), Measure.HOUSEHOLD, None),
        (People(1_000, 0), Measure.HOUSEHOLD, None),
        (People(1_000, 400), Measure.NONE, None),
    ],
)
def test_money_is_divided_over_a_thousand_people_or_more(people: People, measure: Measure, share: int | None) -> None:
    assert people.share(33_000, measure) == share
    assert people.share(None, measure) is None


def test_people_of_buurten_are_added_only_when_all_are_known() -> None:
    known = {"a": People(600, 300), "b": People(500, None), "E": People(7, 7)}
    assert together("W", known, lambda _code: "ab") == People(1_100, None)
    assert together("W", known, lambda _code: "abc") == People(None, None)
    assert together("E", known, lambda _code: "ab") == People(7, 7)
    assert together("X", known, lambda _code: "") == People(None, None)


@given(st.lists(st.integers(0, 10**12), min_size=1))
def test_steps_reach_from_nothing_to_the_largest(amounts: list[int]) -> None:
    width = bound_of(amounts)
    assert width % 100 == 0
    assert max(amounts) < width * STEPS
    assert all(1 <= step_of(each, width) <= STEPS for each in amounts)
    assert step_of(None, width) == 0


def named(*numbers: int) -> tuple[PointName, ...]:
    return tuple(PointName(number, "2019") for number in numbers)


def one(side: Side = Side.AWARDED, **said: Any) -> Money:
    fields = {"cents": 0, "round_id": 1, "slug": "r", "year": 2026, "decided": False, "at": {Level.CITY: CITY}}
    return Money(side=side, **{**fields, **said})
