"""The order of plans that is a visitor's own is the same for one plan and for many at once, and parts neighbours."""

from itertools import pairwise

import numpy as np
import pytest

from buurtbegroot.proposals.queries.listing import PRIME, shuffled


@pytest.mark.parametrize("seed", [1, 2, 123_456_789, PRIME - 1])
def test_one_plan_and_many_at_once_have_the_same_key(seed: int) -> None:
    plans = [1, 2, 3, PRIME - 1, PRIME, PRIME + 1, 2**63 - 1]
    key = shuffled(seed)
    assert [key(plan) for plan in plans] == key(np.array(plans, dtype=np.int64)).tolist()
    assert all(0 <= key(plan) < PRIME for plan in plans)


def test_plans_that_follow_each_other_do_not_do_so_in_every_order() -> None:
    plans = np.arange(1, 101, dtype=np.int64)
    orders = {tuple(plans[np.argsort(shuffled(seed)(plans))].tolist()) for seed in range(1, 65)}
    assert len(orders) == 64
    followed = sum(after == before + 1 for order in orders for before, after in pairwise(order))
    assert followed < 3 * len(orders), "about one a list by chance"
