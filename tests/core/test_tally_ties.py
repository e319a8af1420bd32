"""Plans with equal votes: the declared keys, and a lot that a few lines of Python can redo."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import CountingRules, TieKey
from buurtbegroot.core.tally import count
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.ties import commitment, lot_order, ranking
from buurtbegroot.core.tally.trace import Verdict

SEED = bytes(range(32))


def framed(*fields: bytes) -> bytes:
    return b"".join(len(field).to_bytes(8, "big") + field for field in fields)


def test_the_lot_is_a_sort_by_hash() -> None:
    def place(plan: int) -> bytes:
        return hashlib.sha256(framed(b"bb/v1/lot", SEED, str(plan).encode())).digest()

    assert lot_order(range(1, 50), SEED) == tuple(sorted(range(1, 50), key=place))


def test_the_commitment_is_a_hash_of_the_seed() -> None:
    assert commitment(SEED) == hashlib.sha256(framed(b"bb/v1/lot-seed", SEED)).hexdigest()


@given(st.sets(st.integers(1, 10_000), min_size=2), st.binary(min_size=32, max_size=32))
def test_the_lot_of_some_plans_is_part_of_the_lot_of_all(plans: set[int], seed: bytes) -> None:
    fewer = sorted(plans)[1:]
    assert lot_order(fewer, seed) == tuple(plan for plan in lot_order(plans, seed) if plan in fewer)


def election(costs: list[int], budget: int) -> Election:
    plans = [Plan(id=number, cost_cents=cost) for number, cost in enumerate(costs, start=1)]
    votes = {plan.id: 5 for plan in plans}
    return Election.from_totals(plans, votes, valid_ballots=5, budget_cents=budget, seed=SEED)


def test_the_cheapest_goes_first_and_the_step_says_so() -> None:
    outcome = count(election([70, 40, 90], 100), CountingRules())
    ties = [one.tie for one in outcome.judgements]
    assert [one.plan for one in outcome.judgements] == [2, 1, 3]
    assert all(tie and tie.plans == (2, 1, 3) for tie in ties)
    assert [tie.decided_by for tie in ties if tie] == [TieKey.CHEAPEST_FIRST] * 3
    assert [tie.lost for tie in ties if tie] == [False, True, True]


def test_the_lot_decides_between_equal_costs() -> None:
    outcome = count(election([60, 60, 60], 100), CountingRules())
    order = tuple(one.plan for one in outcome.judgements)
    assert order == lot_order([1, 2, 3], SEED) == outcome.lot
    assert {one.tie.decided_by for one in outcome.judgements if one.tie} == {TieKey.LOT}
    assert [one.verdict for one in outcome.judgements] == [Verdict.FUNDED, *[Verdict.DOES_NOT_FIT] * 2]


def test_each_plan_names_the_key_that_set_it_apart_from_its_neighbour() -> None:
    outcome = count(election([30, 60, 60], 1000), CountingRules())
    assert [one.tie.decided_by for one in outcome.judgements if one.tie] == [
        TieKey.CHEAPEST_FIRST,
        TieKey.LOT,
        TieKey.LOT,
    ]


def test_a_plan_that_fits_in_no_order_did_not_lose_the_tie() -> None:
    outcome = count(election([30, 500], 100), CountingRules())
    assert [one.tie.lost for one in outcome.judgements if one.tie] == [False, False]


def test_without_other_keys_the_lot_alone_decides() -> None:
    rules = CountingRules(ties=(TieKey.LOT,))
    ((first, *_),) = ranking(election([70, 40, 90], 100), rules)
    assert first.id == lot_order([1, 2, 3], SEED)[0]


def test_plans_with_votes_of_their_own_have_no_tie() -> None:
    plans = [Plan(id=1, cost_cents=1), Plan(id=2, cost_cents=1)]
    alone = Election.from_totals(plans, {1: 1, 2: 2}, valid_ballots=2, budget_cents=9, seed=SEED)
    assert [one.tie for one in count(alone, CountingRules()).judgements] == [None, None]
