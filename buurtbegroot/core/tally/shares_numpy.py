"""The Method of Equal Shares on NumPy arrays: grains screen, exact fractions decide what grains can't."""

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction

from buurtbegroot.core.tally.market import Market, Rounds
from buurtbegroot.core.tally.shares_arrays import EXACT_IN_FLOATS, Arrays, Grains, arrays_of
from buurtbegroot.core.tally.shares_batch import Ahead
from buurtbegroot.core.tally.shares_exact import ExactRun
from buurtbegroot.core.tally.shares_reference import ReferencePath
from buurtbegroot.core.tally.shares_run import ABOVE, Leader, Run, Undecided, settled
from buurtbegroot.core.tally.shares_story import Story

REFERENCE = ReferencePath()
Decision = Callable[[int, int], bool]


class NumpyPath:
    """Runs as `Market` defines them; numbers beyond 64 bits are left to the reference. Remembers the last market."""

    def __init__(self) -> None:
        self._market: Market | None = None
        self._arrays: Arrays | None = None
        self._ahead: Ahead | None = None
        self._last: tuple[Fraction, list[tuple[int, float]]] | None = None

    def bought(self, market: Market, endowment: Fraction) -> tuple[int, ...]:
        """Return the indexes of the plans that one run buys, in the order of buying."""
        start = self._start(market, endowment)
        if start is None:
            return REFERENCE.bought(market, endowment)
        rounds = self._found(*start, endowment)
        self._last = (endowment, rounds)
        return tuple([plan for plan, _ in rounds])

    def same_between(self, market: Market, bought: tuple[int, ...], low: Fraction, *, high: Fraction) -> bool:
        """Tell whether every winner's level at `low` is below all others at `high`, or equal and it goes first."""
        start = self._start(market, high)
        if start is None:
            return False
        if self._last is None or self._last[0] != low:
            self.bought(market, low)
        if self._last is None or tuple(plan for plan, _ in self._last[1]) != bought:
            return False
        return self._settled(start, self._last[1], _Nearest(start[0], bought, (low, high)).goes_first)

    def story(self, market: Market, endowment: Fraction) -> Rounds:
        """Return the exact rounds of one run."""
        start = self._start(market, endowment)
        if start is None:
            return REFERENCE.story(market, endowment)
        winners = self.bought(market, endowment)
        return Story(ExactRun(*start, endowment), winners).rounds()

    def _start(self, market: Market, endowment: Fraction) -> tuple[Arrays, Grains] | None:
        if market is not self._market:
            self._market, self._arrays, self._last = market, arrays_of(market), None
        grains = None if self._arrays is None else self._arrays.grains(endowment)
        return None if self._arrays is None or grains is None else (self._arrays, grains)

    def _found(self, arrays: Arrays, grains: Grains, endowment: Fraction) -> list[tuple[int, float]]:
        if self._ahead is None or self._ahead.arrays is not arrays:
            self._ahead = Ahead(arrays)
        return self._ahead.rounds(endowment) or list(self._rounds(arrays, grains, endowment))

    def _rounds(self, arrays: Arrays, grains: Grains, endowment: Fraction) -> Iterator[tuple[int, float]]:
        """Yield what a run buys, each with a float that its level in cents does not exceed."""
        run = run_of(arrays, grains)
        while True:
            try:
                leader = run.next_plan()
            except Undecided as tie:
                leader = plain_choice(run, tie.leaders)
                if leader is None:
                    run = run if isinstance(run, ExactRun) else exact_after(run.bought, arrays, endowment)
                    leader = run.decide(tie.leaders)
            if leader is not None:
                level = run.level(leader) / run.scale * ABOVE
                run.buy(leader)
                yield leader.plan, level
            elif not run.open:
                return

    def _settled(self, start: tuple[Arrays, Grains], levels: list[tuple[int, float]], goes_first: Decision) -> bool:
        return settled(run_of(*start), levels, goes_first)


class _Nearest:
    """Exact runs with the lowest and the highest endowment, for plans too near to the winners."""

    def __init__(self, arrays: Arrays, bought: tuple[int, ...], ends: tuple[Fraction, Fraction]) -> None:
        self.arrays, self.bought, self.ends = arrays, bought, ends
        self.runs: list[ExactRun] = []
        self.levels: dict[int, Fraction | None] = {}

    def goes_first(self, number: int, rival: int) -> bool:
        """Tell whether the winner of a round goes before the rival at every endowment in between."""
        self.runs = self.runs or [exact_after((), self.arrays, end) for end in self.ends]
        poor, rich = self.runs
        for run in self.runs:
            run.follow(self.bought[len(run.bought) : number])
        winner, precedence = self.bought[number], self.arrays.market.precedence
        if number not in self.levels:
            self.levels[number] = poor.exact_level(winner)
        level, other = self.levels[number], rich.exact_level(rival)
        return level is not None and (other is None or (level, precedence[winner]) < (other, precedence[rival]))


def run_of(arrays: Arrays, grains: Grains) -> Run:
    """Return the run that starts with this money, in floats where they can hold it."""
    fewer = arrays.grains(grains.endowment, most=EXACT_IN_FLOATS)
    return ExactRun(arrays, grains, grains.endowment) if fewer is None else Run(arrays, fewer)


def plain_choice(run: Run, leaders: Iterable[Leader]) -> Leader | None:
    """Return the next plan where everybody who has anything left can pay in full; None where that is not sure."""
    levels = [(run.plain_level(leader), leader) for leader in leaders]
    sure = [(level, leader) for level, leader in levels if level is not None]
    if len(sure) < len(levels):
        return None
    precedence = run.arrays.market.precedence
    return min(sure, key=lambda one: (one[0], precedence[one[1].plan]))[1]


def exact_after(bought: Iterable[int], arrays: Arrays, endowment: Fraction) -> ExactRun:
    """Return the exact run that has bought these plans."""
    grains = arrays.grains(endowment)
    assert grains is not None
    run = ExactRun(arrays, grains, endowment)
    run.follow(bought)
    return run
