"""Valid ballots, and every reason why another is not."""

from hypothesis import given
from hypothesis import strategies as st

from buurtbegroot.core.ballots import Invalidity, Reason, canonical_choices, invalidities
from buurtbegroot.core.plans import Grouping, Plan
from buurtbegroot.core.rules import BallotRules, BallotType, Limits

PLANS = (
    Plan(id=1, cost_cents=100, theme="groen"),
    Plan(id=2, cost_cents=200, theme="groen"),
    Plan(id=3, cost_cents=300, theme="sport"),
    Plan(id=4, cost_cents=400),
)
EXACTLY_TWO = BallotRules(whole=Limits(min_choices=2, max_choices=2))
KNAPSACK = BallotRules(type=BallotType.KNAPSACK, whole=Limits(min_choices=1, max_cost_cents=500))
PER_THEME = BallotRules(
    whole=Limits(min_choices=1),
    grouping=Grouping.THEME,
    per_group={"groen": Limits(min_choices=1, max_choices=1), "sport": Limits(max_cost_cents=250)},
)


def test_choices_have_one_order() -> None:
    assert canonical_choices([3, 1, 2]) == (1, 2, 3) == canonical_choices((2, 3, 1))


def test_valid_ballots_have_no_reasons() -> None:
    assert invalidities([4, 1], EXACTLY_TWO, PLANS) == ()
    assert invalidities([1, 4], KNAPSACK, PLANS) == ()
    assert invalidities([1, 4], PER_THEME, PLANS) == ()


def test_too_few_and_too_many() -> None:
    assert invalidities([1], EXACTLY_TWO, PLANS) == (Invalidity(Reason.TOO_FEW, limit=2, chosen=1),)
    (many,) = invalidities([1, 2, 3, 4], EXACTLY_TWO, PLANS)
    assert (many.reason, many.limit, many.chosen, many.by) == (Reason.TOO_MANY, 2, 4, 2)


def test_an_empty_ballot_is_invalid_unless_the_rules_allow_it() -> None:
    assert [one.reason for one in invalidities([], KNAPSACK, PLANS)] == [Reason.TOO_FEW]
    assert invalidities([], BallotRules(whole=Limits()), PLANS) == ()


def test_too_dear_says_by_how_many_cents() -> None:
    (dear,) = invalidities([1, 2, 3], KNAPSACK, PLANS)
    assert (dear.reason, dear.by) == (Reason.TOO_DEAR, 100)


def test_bounds_of_groups_name_the_group() -> None:
    assert invalidities([1, 2, 3], PER_THEME, PLANS) == (
        Invalidity(Reason.TOO_MANY, group="groen", limit=1, chosen=2),
        Invalidity(Reason.TOO_DEAR, group="sport", limit=250, chosen=300),
    )
    assert invalidities([4], PER_THEME, PLANS) == (Invalidity(Reason.TOO_FEW, group="groen", limit=1, chosen=0),)


def test_every_reason_is_given_at_once() -> None:
    found = invalidities([9, 1, 1, -5], EXACTLY_TWO, PLANS)
    assert found == (
        Invalidity(Reason.UNKNOWN_PLAN, plan=-5),
        Invalidity(Reason.UNKNOWN_PLAN, plan=9),
        Invalidity(Reason.REPEATED_PLAN, plan=1),
        Invalidity(Reason.TOO_FEW, limit=2, chosen=1),
    )


@given(st.lists(st.integers()), st.sampled_from([EXACTLY_TWO, KNAPSACK, PER_THEME]))
def test_any_integers_get_an_answer(choices: list[int], rules: BallotRules) -> None:
    found = invalidities(choices, rules, PLANS)
    assert found == invalidities(canonical_choices(choices), rules, PLANS)
    assert {one.plan for one in found if one.reason is Reason.UNKNOWN_PLAN} == set(choices) - {1, 2, 3, 4}


@given(st.sets(st.integers(1, 4)))
def test_a_knapsack_ballot_is_valid_when_it_fits(choices: set[int]) -> None:
    fits = bool(choices) and sum(plan * 100 for plan in choices) <= 500
    assert (invalidities(choices, KNAPSACK, PLANS) == ()) is fits
