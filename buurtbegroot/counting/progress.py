"""A line on a terminal that tells how far a long count is."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from threading import Event, Thread
from time import monotonic
from typing import TextIO

from buurtbegroot.core.tally.increments import cost_of
from buurtbegroot.core.tally.market import Market, Path, Rounds

WIDTH = 24
PATIENCE = 1.0  # seconds before there is a line at all
PERIOD = 0.2


class Progress:
    """What is being done, and which part of it; `part` is None while nobody can know."""

    def __init__(self) -> None:
        self.doing = ""
        self.part: Fraction | None = None
        self.runs = 0
        self.began = monotonic()

    def start(self, doing: str) -> None:
        """Go on with something else."""
        self.doing, self.part, self.runs, self.began = doing, None, 0, monotonic()

    def line(self) -> str:
        """Return the line of this moment, at most 79 characters."""
        seconds = monotonic() - self.began
        bar = ""
        if self.part is not None:
            filled = min(WIDTH, int(self.part * WIDTH))
            bar = f" [{'#' * filled}{'.' * (WIDTH - filled)}] {float(self.part):.0%} spent in run {self.runs}"
        return f"{self.doing[:24]}{bar}, {seconds:.0f} s"[:79]


@contextmanager
def shown(progress: Progress, stream: TextIO | None = None) -> Iterator[None]:
    """Show the progress while the block runs, where a terminal shows it and only when it takes long."""
    stream = stream or sys.stderr
    if not stream.isatty():
        yield
        return
    ended = Event()
    teller = Thread(target=_tell, args=(progress, stream, ended), daemon=True)
    teller.start()
    try:
        yield
    finally:
        ended.set()
        teller.join()


def _tell(progress: Progress, stream: TextIO, ended: Event) -> None:
    while not ended.wait(PERIOD):
        if monotonic() - progress.began > PATIENCE:
            stream.write(f"\r{progress.line():<79}")
            stream.flush()
    stream.write(f"\r{'':79}\r")
    stream.flush()


class WatchedPath:
    """A path that tells after each run how much of the money it spends."""

    def __init__(self, path: Path, progress: Progress, *, budget_cents: int) -> None:
        self.path = path
        self.progress = progress
        self.budget_cents = max(budget_cents, 1)

    def bought(self, market: Market, endowment: Fraction) -> tuple[int, ...]:
        """Return what the path itself does."""
        found = self.path.bought(market, endowment)
        self.progress.runs += 1
        self.progress.part = Fraction(cost_of(market, found), self.budget_cents)
        return found

    def same_between(self, market: Market, bought: tuple[int, ...], low: Fraction, *, high: Fraction) -> bool:
        """Return what the path itself does."""
        return self.path.same_between(market, bought, low, high=high)

    def story(self, market: Market, endowment: Fraction) -> Rounds:
        """Return what the path itself does."""
        return self.path.story(market, endowment)
