"""How the time of a count grows with voters and with plans: `python -m tests.bench.growth [OUT.svg]`.

Equal shares with increments (`add1u` of `tests.bench.counting`) on its synthetic ballots, each path in turns, beside
pabumeasures where it is installed (`python -m tests.bench.build_peers FOLDER`, then FOLDER/bin/python). Prints a table
and, if asked, draws it: seconds against size, both axes logarithmic, so that a straight line at the slope of the dotted
one grows as the number of votes does.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from html import escape
from importlib.util import find_spec
from math import log10
from pathlib import Path

from buurtbegroot.core.tally.market import Path as CountingPath
from buurtbegroot.core.tally.shares_kernel import KernelPath, available
from buurtbegroot.core.tally.shares_numpy import NumpyPath
from tests.bench.counting import Count, Measures, add1u, in_turns, synthetic

VOTERS = (10_000, 30_000, 100_000, 300_000)
PLANS = (50, 100, 200, 400, 800)
FIXED_VOTERS, FIXED_PLANS = 100_000, 200

Series = Mapping[int, Mapping[str, float]]
"""By size, and then by who counted: the seconds."""

WIDTH, HEIGHT, LEFT, TOP, SIDE = 420, 340, 64, 44, 280
COLOURS = {"kernel": "#004699", "numpy": "#00a03c", "pabumeasures": "#d36200"}
SHAPES = {"kernel": "6 0", "numpy": "6 3", "pabumeasures": "2 3"}


def measured(voters: int, plans: int) -> dict[str, float]:
    """Return the median seconds of each counter on ballots of this size."""
    case = synthetic("", voters, plans, share=199)
    paths: dict[str, CountingPath] = {**({"kernel": KernelPath()} if available() else {}), "numpy": NumpyPath()}
    counts: dict[str, Count] = {name: partial(add1u, case, path) for name, path in paths.items()}
    if find_spec("pabumeasures"):
        counts["pabumeasures"] = Measures(case).add1u
    return in_turns(counts)


def table(title: str, series: Series) -> Iterator[str]:
    """Yield the lines of a table of seconds."""
    yield f"\n{title:>8}" + "".join(f"{name:>14}" for name in COLOURS)
    for size, seconds in series.items():
        yield f"{size:8,}" + "".join(f"{seconds[name]:14.4f}" if name in seconds else f"{'-':>14}" for name in COLOURS)


def drawing(panels: Sequence[tuple[str, Series]]) -> str:
    """Return the panels beside each other as SVG."""
    width = WIDTH * len(panels)
    drawn = "".join(
        f'<g transform="translate({number * WIDTH} 0)">{"".join(_panel(title, series))}</g>'
        for number, (title, series) in enumerate(panels)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT + 44}" font-family="sans-serif" '
        f'font-size="12" role="img"><title>Seconds to count against the size of the vote</title>'
        f'<rect width="{width}" height="{HEIGHT + 44}" fill="#fff"/>{drawn}{_legend()}</svg>\n'
    )


def _panel(title: str, series: Series) -> Iterator[str]:
    every = [seconds for found in series.values() for seconds in found.values()]
    xs = _Scale(min(series), max(series), LEFT, LEFT + SIDE)
    ys = _Scale(10.0 ** _floor(min(every)), 10.0 ** (_floor(max(every)) + 1), TOP + SIDE - 40, TOP)
    yield f'<text x="{LEFT}" y="24" font-weight="bold">{escape(title)}</text>'
    for power in range(_floor(min(every)), _floor(max(every)) + 2):
        y = ys.at(10.0**power)
        yield f'<path d="M{LEFT} {y:.1f}h{SIDE}" stroke="#ddd"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g} s</text>'
    for size in series:
        yield f'<text x="{xs.at(size):.1f}" y="{TOP + SIDE - 22}" text-anchor="middle">{size:,}</text>'
    yield _proportional(series, xs, ys)
    for name, colour in COLOURS.items():
        points = [(xs.at(size), ys.at(found[name])) for size, found in series.items() if name in found]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        yield (
            f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2.5" '
            f'stroke-dasharray="{SHAPES[name]}"/>'
        )
        yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>' for x, y in points)


def _proportional(series: Series, xs: "_Scale", ys: "_Scale") -> str:
    """Return a dotted line from the first point on, along which twice the size takes twice the time."""
    first = next(iter(series))
    seconds = next(iter(series[first].values()))
    last = max(series)
    return (
        f'<path d="M{xs.at(first):.1f} {ys.at(seconds):.1f}L{xs.at(last):.1f} {ys.at(seconds * last / first):.1f}" '
        'stroke="#767676" stroke-dasharray="1 4"/>'
    )


def _legend() -> str:
    return "".join(
        f'<g transform="translate({LEFT + 150 * number} {HEIGHT + 10})"><path d="M0 0h28" stroke="{colour}" '
        f'stroke-width="2.5" stroke-dasharray="{SHAPES[name]}"/><text x="36" y="4">{name}</text></g>'
        for number, (name, colour) in enumerate(COLOURS.items())
    )


def _floor(seconds: float) -> int:
    return int(log10(seconds) // 1)


class _Scale:
    """A logarithmic axis: values from `low` to `high` at the places `start` to `end`."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.low, self.start = log10(low), start
        self.per_decade = (end - start) / (log10(high) - self.low)

    def at(self, value: float) -> float:
        """Return the place of a value."""
        return self.start + (log10(value) - self.low) * self.per_decade


def main() -> int:
    """Measure, print, and draw if a file is named."""
    panels = (
        (f"Voters, with {FIXED_PLANS} plans", {voters: measured(voters, FIXED_PLANS) for voters in VOTERS}),
        (f"Plans, with {FIXED_VOTERS:,} voters", {plans: measured(FIXED_VOTERS, plans) for plans in PLANS}),
    )
    for title, series in panels:
        print("\n".join(table(title.partition(",")[0].lower(), series)), flush=True)
    if sys.argv[1:]:
        Path(sys.argv[1]).write_text(drawing(panels), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
