"""Traces that may never change: what was published once must come out again, from every later version.

`python -m tests.core.frozen_traces` writes those of new cases; an existing file is left as it is. Should a trace change
on purpose, the outcome of that method is another one: give it a new name rather than a new file.
"""

import hashlib
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

from buurtbegroot.core.methods import EqualShares, Method, Score, Share, Start, Stop, Tail, Utility
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.records import from_plain, to_plain
from buurtbegroot.core.rules import CountingRules, RestRule, TieKey
from buurtbegroot.core.tally import count
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.profile import Row
from buurtbegroot.core.tally.trace import Outcome, trace_fingerprint, trace_json

FOLDER = Path(__file__).parent / "fixtures" / "traces"
ADVISED = (TieKey.CHEAPEST_FIRST, TieKey.MOST_VOTES_FIRST, TieKey.LOT)
CONSTRAINED: dict[str, Any] = {
    "theme_caps": {"groen": 90_00},
    "incompatible": ((2, 5),),
    "requires": ((7, 4),),
    "ties": ADVISED,
}
CASES = {
    "most_votes": CountingRules(rest=RestRule.PART, **CONSTRAINED),
    "most_votes_topped_up": CountingRules(rest=RestRule.STOP, top_up_from=Share(num=1, den=10)),
    "votes_per_euro": CountingRules(method=Method.VOTES_PER_EURO, min_votes=2, **CONSTRAINED),
    "welfare": CountingRules(method=Method.WELFARE, utility=Utility.COST, **CONSTRAINED),
    "equal_shares": CountingRules(
        method=Method.EQUAL_SHARES, equal_shares=EqualShares(compare=True), area_minimums={"west": 30_00}, **CONSTRAINED
    ),
    "equal_shares_points": CountingRules(
        method=Method.EQUAL_SHARES,
        score=Score.POINTS,
        equal_shares=EqualShares(
            utility=Utility.POINTS,
            start=Start.SHARE_THEN_WHOLE,
            step_share=Share(num=1, den=50),
            stop=Stop.OVERSPENT,
            tail=Tail.KEEP,
        ),
    ),
    "exact_equal_shares": CountingRules(
        method=Method.EXACT_EQUAL_SHARES, equal_shares=EqualShares(tail=Tail.KEEP), ties=ADVISED
    ),
    "phragmen": CountingRules(method=Method.PHRAGMEN, **CONSTRAINED),
    "maximin_support": CountingRules(method=Method.MAXIMIN_SUPPORT, **CONSTRAINED),
    "bos": CountingRules(method=Method.BOS, utility=Utility.COST, ties=ADVISED),
    "majority_judgment": CountingRules(method=Method.MAJORITY_JUDGMENT, score=Score.POINTS, ties=ADVISED),
}
PLANS = (
    Plan(id=1, cost_cents=0, theme="groen", area="oost"),
    Plan(id=2, cost_cents=40_00, theme="groen", area="oost"),
    Plan(id=3, cost_cents=40_00, theme="groen", area="west"),
    Plan(id=4, cost_cents=25_50, theme="spel", area="west"),
    Plan(id=5, cost_cents=61_00, theme="spel", area="oost"),
    Plan(id=6, cost_cents=40_00, theme="spel"),
    Plan(id=7, cost_cents=10_00, area="west"),
    Plan(id=8, cost_cents=15_00),
)
ROWS = (
    Row((2, 3, 4), 3, (3, 2, 1)),
    Row((3, 2, 6), 3, (3, 1, 1)),
    Row((5, 4), 2, (2, 2), weight=Fraction(3, 2)),
    Row((7, 4, 1), 2, (1, 3, 1)),
    Row((6, 5, 7), 4, (3, 3, 2)),
    Row((7,), 1, (1,), weight=Fraction(1, 2)),
    Row((), 1, ()),
)
ELECTION: dict[str, Any] = {"budget_cents": 150_00, "seed": b"frozen"}


def document(name: str) -> dict[str, Any]:
    """What the file of a case holds: everything that a recount needs, the trace, and the SHA-256 of its bytes."""
    outcome = count(Election.from_rows(PLANS, ROWS, **ELECTION), CASES[name])
    return {
        "rules": to_plain(CASES[name]),
        "plans": [to_plain(plan) for plan in PLANS],
        "rows": [[list(row.choices), row.voters, list(row.points or ()), str(row.weight)] for row in ROWS],
        "budget_cents": ELECTION["budget_cents"],
        "seed": ELECTION["seed"].hex(),
        "trace": to_plain(outcome),
        "sha256": hashlib.sha256(trace_json(outcome)).hexdigest(),
        "fingerprint": trace_fingerprint(outcome),
    }


def recount(written: dict[str, Any]) -> Outcome:
    """The outcome of what a file holds, from the file alone."""
    rows = [Row(tuple(one), voters, tuple(points), Fraction(weight)) for one, voters, points, weight in written["rows"]]
    plans = [from_plain(Plan, plan) for plan in written["plans"]]
    seed = bytes.fromhex(written["seed"])
    election = Election.from_rows(plans, rows, budget_cents=written["budget_cents"], seed=seed)
    return count(election, from_plain(CountingRules, written["rules"]))


def main() -> None:
    """Write the files that are not there yet."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in CASES:
        path = FOLDER / f"{name}.json"
        if not path.exists():
            path.write_text(json.dumps(document(name), indent=1, sort_keys=True) + "\n", encoding="utf-8")
            print("written:", path.name)


if __name__ == "__main__":
    main()
