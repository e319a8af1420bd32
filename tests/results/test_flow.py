"""The drawing of money: nodes fill the height, bands keep to their nodes, and nothing is lost in "all others"."""

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from buurtbegroot.core.tally.payments import Flow, Group, Paid
from buurtbegroot.results.domain.flow import GAP, HEIGHT, MOST_PLANS, Drawing, drawing_of

amounts = st.integers(2, 5).flatmap(
    lambda groups: st.lists(
        st.tuples(
            st.lists(st.integers(0, 90_000), min_size=groups, max_size=groups).map(tuple),
            st.sampled_from([0, 0, 5_000]),
        ),
        min_size=1,
        max_size=14,
    )
)


def drawn(rows: list[tuple[tuple[int, ...], int]]) -> Drawing:
    groups = tuple(Group(least=place, most=place, voters=20) for place in range(len(rows[0][0])))
    plans = tuple(Paid(plan=place, cents=cents, leftover_cents=left) for place, (cents, left) in enumerate(rows, 1))
    return drawing_of(Flow(is_real=True, groups=groups, plans=plans))


@given(rows=amounts)
def test_both_sides_hold_all_money_within_the_height(rows: list[tuple[tuple[int, ...], int]]) -> None:
    found = drawn(rows)
    total = sum(sum(cents) + left for cents, left in rows)
    for nodes in ([one.node for one in found.sources], [one.node for one in found.targets]):
        assert sum(node.cents for node in nodes) == total
        assert all(node.top >= 0 and node.top + node.height <= HEIGHT + 1e-6 for node in nodes)
        assert all(abs(one.top + one.height + GAP - other.top) < 1e-6 for one, other in pairwise(nodes))
    assert len({one.node.mark for one in found.sources}) == len(found.sources)
    assert found.has_leftovers == any(left for _, left in rows)


@given(rows=amounts)
def test_bands_lie_within_the_drawing(rows: list[tuple[tuple[int, ...], int]]) -> None:
    found = drawn(rows)
    for band in found.bands:
        heights = [float(number) for number in re.findall(r"[\dV] ?(-?\d+\.\d)", band.outline)]
        assert all(-0.1 <= height <= HEIGHT + 0.1 for height in heights)
        assert 0 <= band.source < len(found.sources)


@given(rows=amounts)
def test_only_the_greatest_plans_are_drawn_alone(rows: list[tuple[tuple[int, ...], int]]) -> None:
    found = drawn(rows)
    alone = [one for one in found.targets if one.plan is not None]
    assert len(alone) == (len(rows) if len(rows) <= MOST_PLANS + 1 else MOST_PLANS)
    sums = [one.node.cents for one in alone]
    assert sums == sorted(sums, reverse=True)
    assert len(found.rows) == len(rows)
