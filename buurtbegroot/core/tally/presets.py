"""Rules that places and tools use under the one name "equal shares with Add1", as parameters, each with its source.

An increment of one unit is one euro, złoty or whatever the money is: 100 cents here. Where a source says nothing
of ties that remain, or ends with an error, the lot decides.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from buurtbegroot.core.methods import EqualShares, Method, Share, Start, Stop, Tail
from buurtbegroot.core.rules import CountingRules, TieKey

_UNIT_BY_UNIT = CountingRules(
    method=Method.EQUAL_SHARES,
    # The order that equalshares.net advises: the lowest cost, then the most votes, then a lot.
    ties=(TieKey.CHEAPEST_FIRST, TieKey.MOST_VOTES_FIRST, TieKey.LOT),
    equal_shares=EqualShares(step_cents=100, stop=Stop.OVERSPENT, tail=Tail.KEEP),
)


def _with(rules: CountingRules, **shares: Any) -> CountingRules:
    assert rules.equal_shares is not None
    return replace(rules, equal_shares=replace(rules.equal_shares, **shares))


ASSEN_2024 = _UNIT_BY_UNIT
"""Assen (Netherlands), 2024: from B/n by a euro until the budget would be overspent; nothing more.

Source: the file in Pabulib (`equalshares/add1`) and its official winners: a tail would have funded a tenth plan.
"""

WIELICZKA_2023 = _with(_UNIT_BY_UNIT, compare=True)
"""The Green Budget of Wieliczka (Poland), 2023: as Assen, and compared with the outcome by most votes.

Source: equalshares.net/elections and the official winners in Pabulib; the stop at an exhaustive outcome
gives others (31 plans for 30).
"""

SWIECIE_2023 = replace(WIELICZKA_2023, support_per_cost=Share(num=1, den=3))
"""Świecie (Poland), voted in 2023 for 2024: as Wieliczka; a plan of cost c needs votes / ballots >= c / 3B.

Source: equalshares.net/elections and the official winners in Pabulib.
"""

PABUTOOLS = replace(_with(_UNIT_BY_UNIT, stop=Stop.EXHAUSTIVE), ties=(TieKey.LISTED_FIRST, TieKey.LOT))
"""pabutools 1.2.3, `method_of_equal_shares(voter_budget_increment=1)`; ties by name, as is its default."""

PABUTOOLS_ONE_PERCENT = _with(PABUTOOLS, step_cents=None, step_share=Share(num=1, den=100))
"""pabutools 1.2.3, `exhaustion_by_budget_increase` at its default: a hundredth of the budget at a time."""

EQUALSHARES_NET = _with(_UNIT_BY_UNIT, start=Start.WHOLE, stop=Stop.EXHAUSTIVE, tail=Tail.MOST_VOTES)
"""The computation tool of equalshares.net at its defaults: `add1u` with the options `integral` and `exhaustive`."""

EQUALSHARES_NET_RECOMMENDED = _with(_UNIT_BY_UNIT, stop=Stop.EXHAUSTIVE)
"""What the text of equalshares.net recommends: B/n, by a unit, until exhaustive or until the next would overspend."""

PABULIB_CHECKER_ADD1 = _with(_UNIT_BY_UNIT, start=Start.SHARE_THEN_WHOLE)
"""pabulib-checker 1.0.8 for the rule `equalshares/add1`: B/n first, then whole units from the next one on."""

PRESETS: Mapping[str, CountingRules] = {
    "wieliczka_2023": WIELICZKA_2023,
    "swiecie_2023": SWIECIE_2023,
    "assen_2024": ASSEN_2024,
    "pabutools": PABUTOOLS,
    "pabutools_one_percent": PABUTOOLS_ONE_PERCENT,
    "equalshares_net": EQUALSHARES_NET,
    "equalshares_net_recommended": EQUALSHARES_NET_RECOMMENDED,
    "pabulib_checker_add1": PABULIB_CHECKER_ADD1,
}
"""All of them by the name that a command or a form knows them by."""
