"""The Method of Equal Shares by `kernel.c`, where that was compiled when the package was built."""

from collections.abc import Iterator
from ctypes import CDLL, POINTER, Structure, byref, c_double, c_int64, c_void_p, sizeof
from fractions import Fraction
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from buurtbegroot.core.tally.market import Market
from buurtbegroot.core.tally.shares_arrays import Arrays, Grains, Integers
from buurtbegroot.core.tally.shares_exact import ExactRun
from buurtbegroot.core.tally.shares_numpy import Decision, NumpyPath, exact_after
from buurtbegroot.core.tally.shares_run import ABOVE, Leader

Number = TypeVar("Number", bound=np.generic)
LIBRARY = __file__.removesuffix("shares_kernel.py") + "kernel.so"


class _Run(Structure):
    """`Run` of kernel.c, field by field."""

    _fields_ = (
        *((name, c_int64) for name in ("rows", "plans", "limits", "needs")),
        *((name, c_void_p) for name in ("first", "points", "votes", "support")),
        *((name, c_void_p) for name in ("supporters", "units", "limit_amounts", "need_pairs")),
        *((name, c_void_p) for name in ("room_start", "state_start", "costs", "money", "price", "room")),
        *((name, c_void_p) for name in ("least", "state", "rich_money", "rich_votes", "rich_points")),
        *((name, c_int64) for name in ("excess", "most")),
        *((name, c_void_p) for name in ("bought", "levels", "leaders", "lows", "highs", "plain")),
        *((name, c_int64) for name in ("bought_count", "leader_count")),
    )


def _load(path: str) -> CDLL | None:
    try:
        library = CDLL(path)
        library.shares_version.restype = c_int64
        fits = library.shares_version() == 2000 + sizeof(_Run)
    except (OSError, AttributeError):
        return None
    if not fits:  # left from another version
        return None
    run = POINTER(_Run)
    library.shares_start.argtypes, library.shares_start.restype = (run, c_int64, c_void_p), None
    library.shares_buy.argtypes, library.shares_buy.restype = (run, c_int64, c_int64, c_double), None
    library.shares_go.argtypes, library.shares_go.restype = (run,), c_int64
    library.shares_settled.argtypes = (run, c_int64, c_int64, c_void_p, c_void_p, c_void_p)
    library.shares_settled.restype = c_int64
    return library


_library = _load(LIBRARY)


def available() -> bool:
    """Tell whether the kernel is here."""
    return _library is not None


class KernelPath(NumpyPath):
    """The runs of `NumpyPath`, compiled; stories and what is in doubt stay with NumPy and exact fractions."""

    def __init__(self) -> None:
        if _library is None:
            raise OSError(f"{LIBRARY} is not here, or not for this machine")
        super().__init__()
        self._kernel: _Kernel | None = None

    def _found(self, arrays: Arrays, grains: Grains, endowment: Fraction) -> list[tuple[int, float]]:
        return list(self._rounds(arrays, grains, endowment))

    def _rounds(self, arrays: Arrays, grains: Grains, endowment: Fraction) -> Iterator[tuple[int, float]]:
        kernel = self._kernel_for(arrays)
        kernel.start(grains)
        exact: ExactRun | None = None
        while leaders := kernel.go():
            leader = kernel.plain_choice(leaders)
            if leader is None:
                exact = exact or exact_after((), arrays, endowment)
                exact.follow(kernel.bought()[len(exact.bought) :])
                leader = exact.decide(leaders)
                kernel.take_over(exact, leaders)
            if leader is not None:
                kernel.buy(leader)
        levels = kernel.levels[: len(kernel.bought())] / grains.scale * ABOVE
        return zip(kernel.bought(), levels.tolist(), strict=True)

    def _settled(self, start: tuple[Arrays, Grains], levels: list[tuple[int, float]], goes_first: Decision) -> bool:
        arrays, grains = start
        kernel = self._kernel_for(arrays)
        kernel.start(grains)
        return kernel.settled(levels, goes_first)

    def _kernel_for(self, arrays: Arrays) -> "_Kernel":
        if self._kernel is None or self._kernel.arrays is not arrays:
            assert _library is not None
            self._kernel = _Kernel(_library, arrays)
        return self._kernel


class _Kernel:
    """The kernel with all memory that it needs for one market."""

    def __init__(self, library: CDLL, arrays: Arrays) -> None:
        self.library, self.arrays = library, arrays
        self.run = _Run()
        self._kept = list[NDArray[np.generic]]()
        market, plans = arrays.market, len(arrays.costs)
        self._read(first=arrays.first, supporters=arrays.supporters)
        self._read(support=arrays.support, units=np.array(market.units, dtype=np.float64))
        self._read(points=arrays.points, votes=arrays.votes if arrays.weighted else None)
        self._read_rules(market)
        self.run.rows, self.run.plans = len(arrays.votes), plans
        longest = int(np.diff(arrays.first).max(initial=0)) + 1
        self.money = self._room("money", len(arrays.votes), np.int64)
        self.state = self._room("state", plans, np.uint8)
        self.levels = self._room("levels", plans, np.float64)
        self.winners = self._room("bought", plans, np.int32)
        self.leaders = self._room("leaders", plans, np.int32)
        self.lows, self.highs, self.plain = (self._room(one, plans, np.int64) for one in ("lows", "highs", "plain"))
        self._room("least", plans, np.float64)
        for name, size in {"price": plans, "room": len(market.limits)}.items():
            self._room(name, size, np.int64)
        for name in ("rich_money", "rich_votes", "rich_points"):
            self._room(name, longest, np.int64)

    def _read_rules(self, market: Market) -> None:
        plans = len(market.costs)
        amounts = np.full((len(market.limits), plans), -1, dtype=np.int64)
        for limit, row in zip(market.limits, amounts, strict=True):
            row[list(limit.amounts)] = list(limit.amounts.values())
        for_sale = [plan in market.for_sale and self.arrays.costs[plan] > 0 for plan in range(plans)]
        state = np.array(for_sale, dtype=bool) & (self.arrays.support > 0)
        self._read(
            limit_amounts=amounts,
            room_start=np.array([limit.capacity for limit in market.limits], dtype=np.int64),
            need_pairs=np.array(market.requires, dtype=np.int32),
            state_start=state.astype(np.uint8),
        )
        self.run.limits, self.run.needs = len(market.limits), len(market.requires)

    def _read(self, **arrays: NDArray[np.generic] | None) -> None:
        for name, array in arrays.items():
            if array is not None:
                self._kept.append(np.ascontiguousarray(array))
                setattr(self.run, name, self._kept[-1].ctypes.data)

    def _room(self, name: str, size: int, kind: type[Number]) -> NDArray[Number]:
        room: NDArray[Number] = np.zeros(size, dtype=kind)
        self._read(**{name: room})
        return room

    def start(self, grains: Grains) -> None:
        """Begin a run."""
        self.grains = grains
        self.run.excess, self.run.most = grains.excess, grains.most + 1
        self.run.costs = grains.costs.ctypes.data
        starts: Integers | None = grains.starts
        self.library.shares_start(byref(self.run), grains.most, None if starts is None else starts.ctypes.data)

    def go(self) -> list[Leader]:
        """Buy plans until the next is in doubt: return the leaders then, none at the end of the run."""
        count = self.library.shares_go(byref(self.run))
        found = (part[:count].tolist() for part in (self.leaders, self.lows, self.highs))
        return [Leader(plan, low, None if high < 0 else high) for plan, low, high in zip(*found, strict=True)]

    def bought(self) -> list[int]:
        """Return the plans bought so far."""
        winners: list[int] = self.winners[: self.run.bought_count].tolist()
        return winners

    def plain_choice(self, leaders: list[Leader]) -> Leader | None:
        """Return the next plan where everybody who has anything left can pay in full; None where that is not sure."""
        votes: list[int] = self.plain[: len(leaders)].tolist()
        if not all(votes):
            return None
        market, costs = self.arrays.market, self.arrays.costs
        levels = (
            Fraction(int(costs[one.plan]), paying * market.units[one.plan])
            for one, paying in zip(leaders, votes, strict=True)
        )
        return min(zip(levels, leaders, strict=True), key=lambda one: (one[0], market.precedence[one[1].plan]))[1]

    def take_over(self, exact: ExactRun, leaders: list[Leader]) -> None:
        """Let the voters have what they have in the exact run, and the plans too dear there leave."""
        self.money[:] = exact.money
        self.run.excess = exact.excess
        for plan in {one.plan for one in leaders} - exact.open:
            self.state[plan] = 0

    def buy(self, leader: Leader) -> None:
        """Buy the plan that was chosen."""
        level = np.inf if leader.high is None else leader.high / float(self.arrays.market.units[leader.plan]) * ABOVE
        self.library.shares_buy(byref(self.run), leader.plan, leader.low, level)

    def settled(self, levels: list[tuple[int, float]], goes_first: Decision) -> bool:
        """Tell whether the run surely buys exactly these, each below all others at its level, in cents."""
        winners = np.array([plan for plan, _ in levels], dtype=np.int32)
        most = np.array([level for _, level in levels], dtype=np.float64) * self.grains.scale * ABOVE
        cleared = np.zeros(len(self.state), dtype=np.uint8)
        known = len(winners), winners.ctypes.data, most.ctypes.data, cleared.ctypes.data
        number = 0
        while 0 <= (number := self.library.shares_settled(byref(self.run), number, *known)) < len(winners):
            near = int(self.leaders[0])
            if not goes_first(number, near):
                return False
            cleared[near] = 1
        return number == len(winners)
