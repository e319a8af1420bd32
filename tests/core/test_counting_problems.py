"""Rules of a count that make no sense together, each named with its field."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from buurtbegroot.core.methods import EqualShares, Method, Score, Share, Utility
from buurtbegroot.core.plans import Grouping, Plan
from buurtbegroot.core.rule_problems import Problem, ProblemCode, problems
from buurtbegroot.core.rules import CountingRules, Pot, RestRule, Ruleset, from_json, to_json
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
        (with_shares(unit_cents=0), "equal_shares.unit_cents", ProblemCode.NOT_POSITIVE),
        (with_shares(step_cents=0), "equal_shares.step_cents", ProblemCode.NOT_POSITIVE),
        (with_shares(step_cents=-1), "equal_shares.step_cents", ProblemCode.NOT_POSITIVE),
        (with_shares(step_cents=BUDGET + 1), "equal_shares.step_cents", ProblemCode.ABOVE_BUDGET),
        (with_shares(step_share=Share(num=0, den=1)), "equal_shares.step_share", ProblemCode.NOT_A_SHARE),
        (with_shares(step_share=Share(num=1, den=0)), "equal_shares.step_share", ProblemCode.NOT_A_SHARE),
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
