"""Rules of a count that make no sense together, each named with its field."""

from dataclasses import fields, replace
from itertools import product
from typing import Any

import pytest

from buurtbegroot.core.methods import EqualShares, Method, Score, Share, Utility
from buurtbegroot.core.plans import Grouping, Plan
from buurtbegroot.core.records import from_plain, to_plain
from buurtbegroot.core.rule_problems import Problem, ProblemCode, problems
from buurtbegroot.core.rules import CountingRules, Pot, RestRule, Ruleset, from_json, to_json
from buurtbegroot.core.tally import count
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.presets import PRESETS

BUDGET = 10_000_00
PLANS = (
    Plan(id=1, cost_cents=2_000_00, theme="groen", area="oost"),
    Plan(id=2, cost_cents=3_000_00, theme="groen", area="west"),
    Plan(id=3, cost_cents=9_000_00, theme="sport", area="west"),
)
PLAIN = Ruleset(pots=(Pot(id="all", name="Buurtbudget", cents=BUDGET),))
SHARES = EqualShares()


def found(**counting: Any) -> list[Problem]:
    return list(problems(replace(PLAIN, counting=CountingRules(**counting)), BUDGET, PLANS))


def with_shares(**changes: Any) -> dict[str, Any]:
    return {"method": Method.EQUAL_SHARES, "equal_shares": EqualShares(**changes)}


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_have_no_problems_and_survive_their_canonical_form(preset: str) -> None:
    ruleset = replace(PLAIN, counting=PRESETS[preset])
    assert problems(ruleset, BUDGET, PLANS) == ()
    assert from_json(to_json(ruleset)) == ruleset


@pytest.mark.parametrize("method", [one for one in Method if one is not Method.MAJORITY_JUDGMENT])
def test_every_method_has_parameters_that_suit_it(method: Method) -> None:
    shares = SHARES if method in {Method.EQUAL_SHARES, Method.EXACT_EQUAL_SHARES} else None
    assert found(method=method, equal_shares=shares) == []


@pytest.mark.parametrize(
    ("counting", "field", "code"),
    [
        ({"method": Method.EQUAL_SHARES}, "equal_shares", ProblemCode.NEEDS_PARAMETERS),
        ({"equal_shares": SHARES}, "equal_shares", ProblemCode.NOT_FOR_METHOD),
        ({"method": Method.MAJORITY_JUDGMENT}, "method", ProblemCode.NOT_FOR_BALLOT),
        ({"utility": Utility.COST}, "utility", ProblemCode.NOT_FOR_METHOD),
        ({"method": Method.BOS, "utility": Utility.POINTS}, "utility", ProblemCode.NEEDS_POINTS),
        (with_shares(step_cents=BUDGET + 1), "equal_shares.step_cents", ProblemCode.ABOVE_BUDGET),
        (with_shares(utility=Utility.POINTS_COST), "equal_shares.utility", ProblemCode.NEEDS_POINTS),
        ({"score": Score.BORDA}, "score", ProblemCode.NOT_FOR_BALLOT),
        ({"default_score": 1}, "default_score", ProblemCode.NEEDS_POINTS),
        ({"score": Score.POSITIONS}, "positions", ProblemCode.NEEDS_POSITIONS),
        ({"positions": (3, 2, 1)}, "positions", ProblemCode.NEEDS_POSITIONS),
        ({"score": Score.POSITIONS, "positions": (3, -1)}, "positions", ProblemCode.NEGATIVE),
        ({"score": Score.POSITIONS, "positions": (0, 0)}, "positions", ProblemCode.NOT_POSITIVE),
        ({"score": Score.POSITIONS, "positions": (3, 1, 2)}, "positions", ProblemCode.RISING),
        ({"top_up_from": Share(num=4, den=5)}, "top_up_from", ProblemCode.NEEDS_STOP),
        ({"top_up_from": Share(num=6, den=5), "rest": RestRule.STOP}, "top_up_from", ProblemCode.NOT_A_SHARE),
        ({"support_per_cost": Share(num=0, den=3)}, "support_per_cost", ProblemCode.NOT_A_SHARE),
        ({"support_per_cost": Share(num=1, den=-3)}, "support_per_cost", ProblemCode.NOT_A_SHARE),
        ({"requires": ((1, 9),)}, "requires[0]", ProblemCode.UNKNOWN_PLAN),
        ({"requires": ((1,),)}, "requires[0]", ProblemCode.TOO_FEW),
        ({"requires": ((1, 1),)}, "requires", ProblemCode.CYCLE),
        ({"requires": ((1, 2), (2, 1))}, "requires", ProblemCode.CYCLE),
        ({"requires": ((1, 2), (2, 3), (3, 1))}, "requires", ProblemCode.CYCLE),
        ({"requires": ((1, 2),), "incompatible": ((1, 2),)}, "requires[0]", ProblemCode.CONTRADICTION),
        ({"theme_minimums": {"groen": 0}}, "theme_minimums.groen", ProblemCode.NOT_POSITIVE),
        ({"area_minimums": {"west": -5}}, "area_minimums.west", ProblemCode.NOT_POSITIVE),
        ({"area_minimums": {"west": BUDGET + 1}}, "area_minimums", ProblemCode.MINIMUMS_ABOVE_BUDGET),
        (
            {"theme_minimums": {"groen": BUDGET // 2}, "area_minimums": {"west": BUDGET // 2 + 1}},
            "area_minimums",
            ProblemCode.MINIMUMS_ABOVE_BUDGET,
        ),
        (
            {"theme_minimums": {"groen": 500}, "theme_caps": {"groen": 499}},
            "theme_minimums.groen",
            ProblemCode.ABOVE_CAP,
        ),
    ],
)
def test_each_fault_is_named_with_its_field(counting: dict[str, Any], field: str, code: ProblemCode) -> None:
    assert (f"counting.{field}", code) in [(one.field, one.code) for one in found(**counting)]


def test_a_chain_of_requirements_is_no_cycle() -> None:
    assert found(requires=((1, 2), (2, 3), (1, 3))) == []


def test_minimums_and_requirements_stay_within_one_pot() -> None:
    pots = (Pot(id="oost", name="Oost", cents=5_000_00), Pot(id="west", name="West", cents=5_000_00))
    counting = CountingRules(theme_minimums={"groen": 1}, requires=((1, 2),))
    ruleset = replace(PLAIN, pots=pots, pots_by=Grouping.AREA, counting=counting)
    assert [(one.field, one.code) for one in problems(ruleset, BUDGET, PLANS[:2])] == [
        ("counting.theme_minimums", ProblemCode.NEEDS_ONE_POT),
        ("counting.requires[0]", ProblemCode.NEEDS_ONE_POT),
    ]


@pytest.mark.parametrize(("num", "den"), list(product((-1, 0, 1, 2), (-1, 0, 1, 3))))
def test_shares_lie_above_0_and_at_most_1(num: int, den: int) -> None:
    share = Share(num=num, den=den)
    codes = [one.code for one in found(support_per_cost=share)]
    assert codes == ([] if (num, den) in {(1, 1), (1, 3), (2, 3)} else [ProblemCode.NOT_A_SHARE])


WRONG: dict[str, Any] = {
    "utility": "costs",
    "start": "half",
    "unit_cents": 0,
    "step_cents": 0,
    "step_share": Share(num=0, den=1),
    "stop": None,
    "tail": "phragmen",
    "compare": "yes",
}


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        *((name, value, "expected") for name, value in WRONG.items()),
        ("utility", "costs", "one of cost, count, points, points_cost"),
        ("tail", "phragmen", "one of keep, most_votes"),
        ("step_cents", 0, "1 or more, or none"),
        ("step_cents", -100, "1 or more, or none"),
        ("step_cents", True, "int"),
        ("step_cents", 0.5, "int"),
        ("unit_cents", None, "int"),
        ("step_share", Share(num=1, den=0), "more than 0 and at most 1"),
        ("step_share", Share(num=-1, den=-2), "more than 0 and at most 1"),
        ("step_share", Share(num=3, den=2), "more than 0 and at most 1"),
    ],
)
def test_a_parameter_of_equal_shares_that_cannot_be_says_what_can(name: str, value: Any, allowed: str) -> None:
    with pytest.raises(ValueError, match=rf"^{name} is .*{allowed}"):
        EqualShares(**{name: value})
    plain: Any = to_plain(CountingRules(method=Method.EQUAL_SHARES, equal_shares=EqualShares()))
    plain["equal_shares"][name] = to_plain(value)
    with pytest.raises(ValueError, match=rf"^equal_shares\.{name}"):
        from_plain(CountingRules, plain)


def test_there_is_a_wrong_value_above_for_every_parameter_of_equal_shares() -> None:
    assert WRONG.keys() == {one.name for one in fields(EqualShares)}


@pytest.mark.parametrize("name", [one.name for one in fields(CountingRules)])
def test_every_parameter_of_the_count_refuses_what_it_cannot_hold(name: str) -> None:
    wrong: Any
    for wrong in (object(), "costs", 0.5):
        with pytest.raises(ValueError, match=rf"^{name} is .*expected"):
            CountingRules(**{name: wrong})


BOUNDS: dict[str, Any] = {
    "min_votes": -1,
    "min_share": Share(num=-1, den=2),
    "support_per_cost": Share(num=0, den=2),
    "top_up_from": Share(num=3, den=2),
    "theme_caps": {"a": 0},
    "area_caps": {"a": -1},
    "theme_minimums": {"a": 0},
    "area_minimums": {"a": -5},
    "positions": (3, -1),
}


@pytest.mark.parametrize("name", BOUNDS)
@pytest.mark.parametrize("method", Method)
def test_no_method_counts_with_a_parameter_out_of_its_bounds(method: Method, name: str) -> None:
    election = Election.from_ballots(PLANS, {(PLANS[0].id,): 2}, budget_cents=BUDGET, seed=b"")
    with pytest.raises(ValueError, match=rf"^{name}.* is out of bounds, expected .*(more|at most)"):
        count(election, CountingRules(method=method, **{name: BOUNDS[name]}))
