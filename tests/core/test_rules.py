"""Rules: canonical form, strict reading, fingerprint, and what can be wrong with them."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbegroot.core.methods import Share
from buurtbegroot.core.plans import Grouping, Plan
from buurtbegroot.core.rule_problems import Problem, ProblemCode, problems
from buurtbegroot.core.rules import (
    BallotRules,
    BallotType,
    CountingRules,
    Eligibility,
    Limits,
    PlanCost,
    Pot,
    RestRule,
    Ruleset,
    TieKey,
    fingerprint,
    from_json,
    to_json,
)

BUDGET = 10_000_00
POT = Pot(id="all", name="Buurtbudget", cents=BUDGET)
PLANS = (
    Plan(id=1, cost_cents=2_000_00, theme="groen", area="oost"),
    Plan(id=2, cost_cents=3_000_00, theme="groen", area="west"),
    Plan(id=3, cost_cents=9_000_00, theme="sport", area="west"),
)
PLAIN = Ruleset(pots=(POT,))
RICH = Ruleset(
    pots=(POT,),
    ballot=BallotRules(
        type=BallotType.KNAPSACK,
        whole=Limits(min_choices=1, max_cost_cents=BUDGET),
        grouping=Grouping.THEME,
        per_group={"sport": Limits(max_choices=1), "groen": Limits(max_choices=2)},
    ),
    counting=CountingRules(
        rest=RestRule.PART,
        min_votes=5,
        min_share=Share(num=1, den=10),
        theme_caps={"groen": 4_000_00},
        area_caps={"west": 9_000_00},
        leftovers_ignore_caps=True,
        incompatible=((1, 2),),
    ),
    plan_cost=PlanCost(min_cents=1_000_00, max_cents=9_000_00),
    eligibility=Eligibility(minimum_age=12, who="Bewoners"),
    lot_commitment="ab" * 32,
)


def codes(ruleset: Ruleset, plans: tuple[Plan, ...] = PLANS) -> list[tuple[str, ProblemCode]]:
    return [(one.field, one.code) for one in problems(ruleset, BUDGET, plans)]


def with_ballot(**changes: Any) -> Ruleset:
    return replace(PLAIN, ballot=BallotRules(**changes))


def with_counting(**changes: Any) -> Ruleset:
    return replace(PLAIN, counting=CountingRules(**changes))


@pytest.mark.parametrize("ruleset", [PLAIN, RICH])
def test_rules_survive_their_canonical_form(ruleset: Ruleset) -> None:
    assert from_json(to_json(ruleset)) == ruleset
    assert from_json(to_json(ruleset).decode()) == ruleset


def test_the_order_of_groups_changes_nothing() -> None:
    turned = dict(reversed(list(RICH.ballot.per_group.items())))
    other = replace(RICH, ballot=replace(RICH.ballot, per_group=turned))
    assert fingerprint(other) == fingerprint(RICH)


def test_every_change_changes_the_fingerprint() -> None:
    changed = [
        PLAIN,
        with_counting(rest=RestRule.STOP),
        with_counting(min_votes=2),
        with_counting(ties=(TieKey.LOT,)),
        with_ballot(whole=Limits(min_choices=1, max_choices=5)),
        replace(PLAIN, lot_commitment="ab" * 32),
        replace(PLAIN, pots_by=Grouping.AREA),
    ]
    assert len({fingerprint(ruleset) for ruleset in changed}) == len(changed)


def test_the_fingerprint_of_version_1_stays_what_it_is() -> None:
    assert fingerprint(RICH) == "dbf75eb65eccb7a8c463d250fd120393dd5ff70cb00fb5deedbb8e6b53a45c15"


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("rules", "extra"), 1, "unknown field extra"),
        (("rules", "counting", "rest"), "sometimes", r"counting\.rest is 'sometimes', expected one of skip"),
        (("rules", "counting", "rest"), ["skip"], r"counting\.rest"),
        (("rules", "counting", "min_votes"), True, r"counting\.min_votes is True, expected int"),
        (("rules", "counting", "min_votes"), 1.0, r"counting\.min_votes is 1\.0, expected int"),
        (("rules", "counting", "min_share", "den"), "10", r"counting\.min_share\.den"),
        (("rules", "counting", "incompatible"), [[1, "2"]], r"counting\.incompatible\[0\]\[1\]"),
        (("rules", "counting", "incompatible"), 3, r"counting\.incompatible is 3, expected a list"),
        (("rules", "ballot", "per_group"), [], r"ballot\.per_group is \[\], expected an object"),
        (("rules", "ballot", "per_group", "groen", "min"), 1, r"ballot\.per_group\.groen\.min"),
        (("rules", "pots"), ["all"], r"pots\[0\] is 'all', expected the fields of a Pot"),
        (("rules",), None, "expected the fields of a Ruleset"),
        (("version",), 2, "version is 2, expected 1"),
        (("other",), 2, "version and rules"),
    ],
)
def test_reading_is_strict_and_names_the_field(path: tuple[str, ...], value: object, message: str) -> None:
    document = json.loads(to_json(RICH))
    *parents, last = path
    inside = document
    for key in parents:
        inside = inside[key]
    inside[last] = value
    with pytest.raises(ValueError, match=message):
        from_json(json.dumps(document))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inside: st.lists(inside, max_size=2) | st.dictionaries(st.text(), inside, max_size=2),
    max_leaves=4,
)


@given(st.sampled_from(["pots", "ballot", "counting", "pots_by", "lot_commitment", "plan_cost"]), JSON)
def test_whatever_stands_in_a_field_is_read_exactly_or_refused(name: str, value: object) -> None:
    document = json.loads(to_json(RICH))
    document["rules"][name] = value
    text = as_bytes(document)
    try:
        ruleset = from_json(text)
    except ValueError as refusal:
        assert name in str(refusal)  # noqa: PT017
    else:
        assert to_json(ruleset) == text


def as_bytes(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def test_a_missing_field_is_named() -> None:
    document = json.loads(to_json(RICH))
    del document["rules"]["counting"]["ties"]
    with pytest.raises(ValueError, match=r"missing field counting\.ties"):
        from_json(json.dumps(document))


@pytest.mark.parametrize("text", ["", "[]", "nul", b"\xff"])
def test_what_is_not_a_document_is_a_value_error(text: str | bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        from_json(text)


@pytest.mark.parametrize("ruleset", [PLAIN, RICH])
def test_good_rules_have_no_problems(ruleset: Ruleset) -> None:
    assert problems(ruleset, BUDGET, PLANS) == ()
    assert problems(ruleset, BUDGET, ()) == ()


@pytest.mark.parametrize(
    ("ruleset", "where", "code"),
    [
        (replace(PLAIN, pots=()), "pots", ProblemCode.MISSING),
        (replace(PLAIN, pots=(POT, replace(POT, cents=0))), "pots", ProblemCode.REPEATED),
        (replace(PLAIN, pots=(POT, replace(POT, id="b", cents=0))), "pots", ProblemCode.TOO_MANY_POTS),
        (replace(PLAIN, pots=(replace(POT, cents=0),)), "pots[0].cents", ProblemCode.NOT_POSITIVE),
        (replace(PLAIN, pots=(replace(POT, cents=1),)), "pots", ProblemCode.POTS_DIFFER_FROM_BUDGET),
        (replace(PLAIN, pots_by=Grouping.AREA), "plans", ProblemCode.PLAN_WITHOUT_POT),
        (replace(PLAIN, pots=(replace(POT, cents=1),)), "plans", ProblemCode.PLAN_ABOVE_POT),
        (replace(PLAIN, plan_cost=PlanCost(min_cents=2_500_00)), "plans", ProblemCode.PLAN_TOO_CHEAP),
        (replace(PLAIN, plan_cost=PlanCost(max_cents=2_500_00)), "plans", ProblemCode.PLAN_TOO_DEAR),
        (replace(PLAIN, plan_cost=PlanCost(min_cents=-1)), "plan_cost.min_cents", ProblemCode.NEGATIVE),
        (
            replace(PLAIN, plan_cost=PlanCost(min_cents=2, max_cents=1)),
            "plan_cost.max_cents",
            ProblemCode.MAX_BELOW_MIN,
        ),
        (
            replace(PLAIN, eligibility=Eligibility(minimum_age=-1)),
            "eligibility.minimum_age",
            ProblemCode.NEGATIVE,
        ),
        (replace(PLAIN, lot_commitment="AB"), "lot_commitment", ProblemCode.NOT_A_COMMITMENT),
        (
            with_ballot(whole=Limits(min_choices=3, max_choices=2)),
            "ballot.whole.max_choices",
            ProblemCode.MAX_BELOW_MIN,
        ),
        (with_ballot(whole=Limits(max_choices=0)), "ballot.whole.max_choices", ProblemCode.NOT_POSITIVE),
        (with_ballot(whole=Limits(min_choices=-1)), "ballot.whole.min_choices", ProblemCode.NEGATIVE),
        (with_ballot(whole=Limits(min_choices=4)), "ballot.whole.min_choices", ProblemCode.MORE_THAN_PLANS),
        (
            with_ballot(whole=Limits(max_cost_cents=5)),
            "ballot.whole.max_cost_cents",
            ProblemCode.NOT_FOR_APPROVAL,
        ),
        (with_ballot(type=BallotType.KNAPSACK), "ballot.whole.max_cost_cents", ProblemCode.MISSING),
        (
            with_ballot(type=BallotType.KNAPSACK, whole=Limits(max_cost_cents=BUDGET + 1)),
            "ballot.whole.max_cost_cents",
            ProblemCode.ABOVE_BUDGET,
        ),
        (
            with_ballot(type=BallotType.KNAPSACK, whole=Limits(max_cost_cents=0)),
            "ballot.whole.max_cost_cents",
            ProblemCode.NOT_POSITIVE,
        ),
        (
            with_ballot(type=BallotType.KNAPSACK, whole=Limits(min_choices=3, max_cost_cents=BUDGET)),
            "ballot.whole.min_choices",
            ProblemCode.CANNOT_BE_MET,
        ),
        (with_ballot(per_group={"groen": Limits()}), "ballot.per_group", ProblemCode.NEEDS_GROUPING),
        (with_ballot(grouping=Grouping.THEME), "ballot.per_group", ProblemCode.MISSING),
        (
            with_ballot(
                whole=Limits(max_choices=1),
                grouping=Grouping.THEME,
                per_group={"groen": Limits(min_choices=1), "sport": Limits(min_choices=1)},
            ),
            "ballot.whole.max_choices",
            ProblemCode.GROUPS_DEMAND_MORE,
        ),
        (
            with_ballot(
                type=BallotType.KNAPSACK,
                grouping=Grouping.THEME,
                per_group={"groen": Limits(), "sport": Limits(max_cost_cents=1)},
            ),
            "ballot.per_group.groen.max_cost_cents",
            ProblemCode.MISSING,
        ),
        (
            with_ballot(
                type=BallotType.KNAPSACK,
                grouping=Grouping.THEME,
                per_group={"groen": Limits(max_cost_cents=1)},
            ),
            "ballot.per_group",
            ProblemCode.PLAN_WITHOUT_LIMIT,
        ),
        (with_counting(min_votes=-1), "counting.min_votes", ProblemCode.NEGATIVE),
        (with_counting(min_share=Share(num=1, den=0)), "counting.min_share", ProblemCode.NOT_A_SHARE),
        (with_counting(min_share=Share(num=3, den=2)), "counting.min_share", ProblemCode.NOT_A_SHARE),
        (with_counting(theme_caps={"groen": 0}), "counting.theme_caps.groen", ProblemCode.NOT_POSITIVE),
        (
            with_counting(area_caps={"oost": BUDGET + 1}),
            "counting.area_caps.oost",
            ProblemCode.ABOVE_BUDGET,
        ),
        (
            with_counting(leftovers_ignore_caps=True),
            "counting.leftovers_ignore_caps",
            ProblemCode.NEEDS_CAPS,
        ),
        (with_counting(incompatible=((1,),)), "counting.incompatible[0]", ProblemCode.TOO_FEW),
        (with_counting(incompatible=((1, 1, 2),)), "counting.incompatible[0]", ProblemCode.REPEATED),
        (with_counting(incompatible=((1, 9),)), "counting.incompatible[0]", ProblemCode.UNKNOWN_PLAN),
        (with_counting(ties=()), "counting.ties", ProblemCode.LOT_NOT_LAST),
        (
            with_counting(ties=(TieKey.LOT, TieKey.CHEAPEST_FIRST)),
            "counting.ties",
            ProblemCode.LOT_NOT_LAST,
        ),
        (with_counting(ties=(TieKey.LOT, TieKey.LOT)), "counting.ties", ProblemCode.REPEATED),
    ],
)
def test_each_fault_is_named_with_its_field(ruleset: Ruleset, where: str, code: ProblemCode) -> None:
    assert (where, code) in codes(ruleset)


def test_pots_per_area_are_counts_of_their_own() -> None:
    pots = (Pot(id="oost", name="Oost", cents=5_000_00), Pot(id="west", name="West", cents=5_000_00))
    ruleset = replace(PLAIN, pots=pots, pots_by=Grouping.AREA)
    assert codes(ruleset, PLANS[:2]) == []
    capped = replace(ruleset, counting=CountingRules(theme_caps={"groen": 1}, incompatible=((1, 2),)))
    assert codes(capped, PLANS[:2]) == [
        ("counting.theme_caps", ProblemCode.NEEDS_ONE_POT),
        ("counting.incompatible[0]", ProblemCode.NEEDS_ONE_POT),
    ]


def test_faults_in_budget_and_plans() -> None:
    twice = (PLANS[0], replace(PLANS[0], cost_cents=-1))
    found = problems(PLAIN, 0, twice)
    assert Problem("budget", ProblemCode.NOT_POSITIVE) in found
    assert Problem("plans", ProblemCode.REPEATED, {"value": 1}) in found
    assert Problem("plans", ProblemCode.NEGATIVE, {"plan": 1, "cost_cents": -1}) in found


@pytest.mark.parametrize(
    ("rules", "ballots", "needed"),
    [
        (CountingRules(), 100, 1),
        (CountingRules(min_votes=50), 100, 50),
        (CountingRules(min_share=Share(num=1, den=10)), 100, 10),
        (CountingRules(min_share=Share(num=1, den=10)), 101, 11),
        (CountingRules(min_votes=50, min_share=Share(num=1, den=10)), 1000, 100),
    ],
)
def test_the_threshold_rounds_up(rules: CountingRules, ballots: int, needed: int) -> None:
    assert rules.votes_needed(ballots) == needed
