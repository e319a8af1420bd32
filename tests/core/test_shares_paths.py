"""Three ways to compute equal shares, one answer."""

import pathlib
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbegroot.core.methods import EqualShares, Method, Score, Utility
from buurtbegroot.core.rules import CountingRules, TieKey
from buurtbegroot.core.tally import shares_arrays, shares_kernel
from buurtbegroot.core.tally.equal_shares import SharesCount
from buurtbegroot.core.tally.market import Limit, Market, Path
from buurtbegroot.core.tally.paths import fastest_path
from buurtbegroot.core.tally.profile import Profile, Row
from buurtbegroot.core.tally.shares_kernel import KernelPath, available
from buurtbegroot.core.tally.shares_numpy import NumpyPath
from buurtbegroot.core.tally.shares_reference import ReferencePath
from tests.core.real_ballots import FOLDER, folder, real_election
from tests.examples import examples

REFERENCE = ReferencePath()
FAST: list[Path] = [NumpyPath(), *([KernelPath()] if available() else [])]

few = st.integers(1, 4)
moneys = st.fractions(0, 30, max_denominator=7)


@st.composite
def rows(draw: st.DrawFn, plans: int) -> Row:
    choices = draw(st.lists(st.integers(1, plans), min_size=1, max_size=plans, unique=True).map(sorted))
    points = draw(st.lists(few, min_size=len(choices), max_size=len(choices)))
    return Row(
        tuple(choices),
        voters=draw(few),
        points=tuple(points),
        weight=draw(st.sampled_from([Fraction(1), Fraction(1), Fraction(1, 2), Fraction(5, 3)])),
        start=draw(st.none() | moneys),
    )


@st.composite
def markets(draw: st.DrawFn) -> Market:
    """Small integers, so that ties and costs of exactly what there is are common; each feature half of the time."""
    plans = draw(st.integers(1, 6))
    ballots = draw(st.lists(rows(plans), min_size=1, max_size=9))
    if draw(st.booleans()):
        ballots = [row._replace(weight=Fraction(1)) for row in ballots]
    if draw(st.booleans()):
        ballots = [row._replace(start=None) for row in ballots]
    every = st.lists(st.integers(1, 40), min_size=plans, max_size=plans)
    costs = draw(every.map(tuple) | st.sampled_from([12, 20]).map(lambda cost: (cost,) * plans))
    precedence = tuple(draw(st.permutations(range(plans))))
    return Market(
        profile=Profile.from_rows(range(1, plans + 1), ballots),
        costs=costs,
        units=draw(st.sampled_from([costs, (1,) * plans])),
        by_points=draw(st.booleans()),
        precedence=precedence,
        for_sale=frozenset(draw(st.sets(st.integers(0, plans - 1))) | {0})
        if draw(st.booleans())
        else frozenset(range(plans)),
        limits=tuple(draw(st.lists(limits(plans), max_size=2))) if draw(st.booleans()) else (),
        requires=tuple(draw(st.lists(st.tuples(*[st.integers(0, plans - 1)] * 2), max_size=2)))
        if draw(st.booleans())
        else (),
        tie_values=((TieKey.LOT, precedence),),
    )


def limits(plans: int) -> st.SearchStrategy[Limit]:
    amounts = st.dictionaries(st.integers(0, plans - 1), st.integers(0, 9), max_size=plans)
    return st.builds(Limit, capacity=st.integers(0, 20), amounts=amounts)


@examples(25)
@given(market=markets(), endowment=moneys)
@pytest.mark.parametrize("path", FAST, ids=lambda path: type(path).__name__)
def test_every_path_tells_the_story_of_the_reference(path: Path, market: Market, endowment: Fraction) -> None:
    assert path.bought(market, endowment) == REFERENCE.bought(market, endowment)
    assert path.story(market, endowment) == REFERENCE.story(market, endowment)


@pytest.mark.parametrize("bits", [20, 14, 10])
@examples(12)
@given(market=markets(), endowment=moneys)
@pytest.mark.parametrize("path", FAST, ids=lambda path: type(path).__name__)
def test_coarse_grains_change_nothing(path: Path, bits: int, market: Market, endowment: Fraction) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shares_arrays, "LARGEST", 1 << bits)  # fewer grains to a cent: more to be decided exactly
        assert path.bought(market, endowment) == REFERENCE.bought(market, endowment)
        assert path.story(market, endowment) == REFERENCE.story(market, endowment)


@examples(25)
@given(market=markets(), low=moneys, more=st.fractions(0, 3, max_denominator=6))
@pytest.mark.parametrize("path", FAST, ids=lambda path: type(path).__name__)
def test_what_is_certified_is_so(path: Path, market: Market, low: Fraction, more: Fraction) -> None:
    bought = path.bought(market, low)
    if path.same_between(market, bought, low, high=low + more):
        for part in range(5):
            assert REFERENCE.bought(market, low + more * part / 4) == bought


@pytest.mark.parametrize("bits", [62, 20, 12])
@examples(12)
@given(market=markets(), low=moneys, step=st.fractions(Fraction(1, 6), 3, max_denominator=6))
def test_runs_found_together_are_those_found_alone(bits: int, market: Market, low: Fraction, step: Fraction) -> None:
    market = replace(market, by_points=False, limits=(), requires=())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shares_arrays, "LARGEST", 1 << bits)
        path = NumpyPath()
        for number in range(14):
            endowment = low + number * step
            assert path.bought(market, endowment) == REFERENCE.bought(market, endowment)
        assert bits < 62 or (path._ahead and path._ahead.found)  # they were


@examples(12)
@given(market=markets(), endowment=moneys)
def test_long_sums_are_added_in_pieces(market: Market, endowment: Fraction) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shares_arrays, "PIECE", 2)
        assert NumpyPath().bought(market, endowment) == REFERENCE.bought(market, endowment)


def test_money_beyond_floats_is_counted_in_integers() -> None:
    market = market_of(Profile.from_rows([1, 2], [Row((1, 2), voters=3), Row((2,), voters=4)]), (10**16, 10**16))
    endowment = Fraction(3 * 10**15)
    arrays = shares_arrays.arrays_of(market)
    assert arrays is not None
    assert arrays.grains(endowment) is not None
    assert arrays.grains(endowment, most=shares_arrays.EXACT_IN_FLOATS) is None
    assert NumpyPath().story(market, endowment) == REFERENCE.story(market, endowment)


def test_without_the_kernel_numpy_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shares_kernel._load("/nowhere/kernel.so") is None
    monkeypatch.setattr(shares_kernel, "_library", None)
    assert type(fastest_path()) is NumpyPath
    with pytest.raises(OSError, match="not here"):
        KernelPath()


def test_equal_ballots_are_one_row_and_order_is_no_matter() -> None:
    random = np.random.default_rng(5)
    rows = [Row(tuple(sorted(random.choice(3, size=2, replace=False) + 1)), weight=Fraction(1, 2)) for _ in range(300)]
    market = market_of(Profile.from_rows(range(1, 4), rows), (2000, 2500, 9000))
    arrays = shares_arrays.arrays_of(market)
    assert arrays is not None
    assert (len(arrays.votes), arrays.votes.sum()) == (3, 300)
    shuffled = market_of(Profile.from_rows(range(1, 4), [rows[one] for one in random.permutation(300)]), market.costs)
    for path in FAST:
        assert (
            path.story(market, Fraction(60))
            == path.story(shuffled, Fraction(60))
            == REFERENCE.story(market, Fraction(60))
        )


def test_voters_of_popular_plans_beside_each_other_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(6)
    rows = [Row(tuple(np.flatnonzero(random.random(9) < 0.4) + 1)) for _ in range(200)]
    market = market_of(
        Profile.from_rows(range(1, 10), [row for row in rows if row.choices]), tuple(range(3000, 12000, 1000))
    )
    monkeypatch.setattr(shares_arrays, "SORT_FROM", 1)
    for path in FAST:
        assert path.story(market, Fraction(1000, 3)) == REFERENCE.story(market, Fraction(1000, 3))


def market_of(profile: Profile, costs: tuple[int, ...]) -> Market:
    places = tuple(range(len(costs)))
    return Market(
        profile=profile,
        costs=costs,
        units=costs,
        by_points=False,
        precedence=places,
        for_sale=frozenset(places),
        tie_values=((TieKey.LISTED_FIRST, places),),
    )


@pytest.mark.parametrize("path", [*FAST, REFERENCE], ids=lambda path: type(path).__name__)
def test_one_vote_more_in_a_hundred_thousand_wins(path: Path) -> None:
    profile = Profile.from_rows([1, 2], [Row((2,), voters=120_001), Row((1,), voters=120_000)])
    market = market_of(profile, (1_200_000_00, 1_200_000_00))
    assert path.bought(market, Fraction(1001))[:1] == (1,)


@pytest.mark.parametrize("path", [*FAST, REFERENCE], ids=lambda path: type(path).__name__)
def test_a_plan_of_all_that_costs_all_is_bought(path: Path) -> None:
    market = market_of(Profile.from_rows([1], [Row((1,), voters=7)]), (1200,))
    assert path.bought(market, Fraction(1200, 7)) == (0,)
    assert path.bought(market, Fraction(1200, 7) - Fraction(1, 10**30)) == ()


@pytest.mark.parametrize("path", FAST, ids=lambda path: type(path).__name__)
def test_what_64_bits_cannot_hold_is_left_to_the_reference(path: Path) -> None:
    market = market_of(Profile.from_rows([1, 2], [Row((1, 2), weight=Fraction(1, 10**12))] * 2), (10**13, 10**13 + 1))
    assert path.story(market, Fraction(10**25)) == REFERENCE.story(market, Fraction(10**25))


SMALL = 40_000
"""Bytes of a file whose runs the reference counts in the fast tests; the others it counts at night."""
LARGE = 1_500_000
"""Bytes of a file whose runs take longer than all others together: by night."""


def real_runs(file: pathlib.Path) -> tuple[Market, list[Fraction]]:
    """Return the market of a file, with points where it has them, and some start money around the equal share."""
    election = real_election(file).election
    by_points = election.profile is not None and election.profile.points is not None
    shares = EqualShares(utility=Utility.POINTS_COST if by_points else Utility.COST)
    score = Score.POINTS if by_points else Score.VOTES
    rules = CountingRules(method=Method.EQUAL_SHARES, score=score, equal_shares=shares)
    market = SharesCount(election, rules).market([])
    share = Fraction(election.budget_cents * market.profile.parts, int(market.profile.votes.sum()))
    return market, [share, Fraction(int(share)), share * Fraction(3, 2), share * 2]


FILES = [
    pytest.param(file, marks=[pytest.mark.nightly] if file.stat().st_size > LARGE else [], id=file.stem)
    for file in sorted(FOLDER.glob("*.pb"))
]


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES or [None])
def test_real_runs_are_the_same_on_every_path(file: pathlib.Path) -> None:
    folder()
    market, endowments = real_runs(file)
    paths = FAST + [REFERENCE] * (file.stat().st_size < SMALL)
    for endowment in endowments:
        found = [path.bought(market, endowment) for path in paths]
        assert found == found[:1] * len(found)
    first, *others = [path.story(market, endowments[1]) for path in paths]
    assert others == [first] * len(others)


@pytest.mark.nightly
@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.pb")) or [None], ids=lambda file: file.stem if file else "none")
def test_real_runs_are_those_of_the_reference(file: pathlib.Path) -> None:
    folder()
    market, endowments = real_runs(file)
    for endowment in endowments:
        assert FAST[-1].bought(market, endowment) == REFERENCE.bought(market, endowment)
    assert FAST[-1].story(market, endowments[0]) == REFERENCE.story(market, endowments[0])


@pytest.mark.parametrize("path", [*FAST, REFERENCE], ids=lambda path: type(path).__name__)
def test_plans_equal_at_every_endowment_are_certified(path: Path) -> None:
    profile = Profile.from_rows([1, 2, 3], [Row((1, 3), voters=5), Row((2, 3), voters=5)])
    market = market_of(profile, (700, 700, 10**9))
    assert path.same_between(market, (0, 1), Fraction(1000), high=Fraction(9000))
    assert not path.same_between(market, (1, 0), Fraction(1000), high=Fraction(9000))
