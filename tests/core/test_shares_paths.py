"""Three ways to compute equal shares, one answer."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buurtbegroot.core.rules import TieKey
from buurtbegroot.core.tally import shares_arrays, shares_kernel
from buurtbegroot.core.tally.equal_shares import fastest_path
from buurtbegroot.core.tally.market import Limit, Market, Path
from buurtbegroot.core.tally.profile import Profile, Row
from buurtbegroot.core.tally.shares_kernel import KernelPath, available
from buurtbegroot.core.tally.shares_numpy import NumpyPath
from buurtbegroot.core.tally.shares_reference import ReferencePath

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


@settings(max_examples=60, deadline=None)
@given(market=markets(), endowment=moneys)
@pytest.mark.parametrize("path", FAST, ids=lambda path: type(path).__name__)
def test_every_path_tells_the_story_of_the_reference(path: Path, market: Market, endowment: Fraction) -> None:
    assert path.bought(market, endowment) == REFERENCE.bought(market, endowment)
    assert path.story(market, endowment) == REFERENCE.story(market, endowment)


@pytest.mark.parametrize("bits", [20, 14, 10])
@settings(max_examples=30, deadline=None)
@given(market=markets(), endowment=moneys)
@pytest.mark.parametrize("path", FAST, ids=lambda path: type(path).__name__)
def test_coarse_grains_change_nothing(path: Path, bits: int, market: Market, endowment: Fraction) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shares_arrays, "LARGEST", 1 << bits)  # fewer grains to a cent: more to be decided exactly
        assert path.bought(market, endowment) == REFERENCE.bought(market, endowment)
        assert path.story(market, endowment) == REFERENCE.story(market, endowment)


@settings(max_examples=60, deadline=None)
@given(market=markets(), low=moneys, more=st.fractions(0, 3, max_denominator=6))
@pytest.mark.parametrize("path", FAST, ids=lambda path: type(path).__name__)
def test_what_is_certified_is_so(path: Path, market: Market, low: Fraction, more: Fraction) -> None:
    bought = path.bought(market, low)
    if path.same_between(market, bought, low, high=low + more):
        for part in range(5):
            assert REFERENCE.bought(market, low + more * part / 4) == bought


def test_without_the_kernel_numpy_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shares_kernel._load("/nowhere/kernel.so") is None
    monkeypatch.setattr(shares_kernel, "_library", None)
    assert type(fastest_path()) is NumpyPath
    with pytest.raises(OSError, match="not here"):
        KernelPath()
