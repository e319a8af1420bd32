"""Most votes first: by hand, against a second count written apart, and by properties."""

import random
from collections import Counter
from dataclasses import replace
from hashlib import sha256
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from buurtbegroot.core.methods import Share
from buurtbegroot.core.plans import Grouping, Plan
from buurtbegroot.core.rules import CountingRules, RestRule, TieKey
from buurtbegroot.core.tally import count
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.trace import WINNING, Outcome, Verdict

FUNDED, PARTLY, DOES_NOT_FIT = Verdict.FUNDED, Verdict.PARTLY_FUNDED, Verdict.DOES_NOT_FIT


def election(*rows: tuple[int, int], budget: int = 100, theme: str = "") -> Election:
    """An election of plans 1, 2, … with these votes and costs; `theme` has a letter for each."""
    letters = theme or "-" * len(rows)
    plans = [
        Plan(id=number, cost_cents=cost, theme=letter)
        for number, ((_, cost), letter) in enumerate(zip(rows, letters, strict=True), start=1)
    ]
    votes = {number: votes for number, (votes, _) in enumerate(rows, start=1)}
    return Election.from_totals(plans, votes, valid_ballots=100, budget_cents=budget, seed=b"seed")


def verdicts(outcome: Outcome) -> list[Verdict]:
    return [one.verdict for one in outcome.judgements]


FOUR = election((90, 50), (80, 70), (70, 40), (60, 10))


def test_skip_goes_on_past_what_does_not_fit() -> None:
    outcome = count(FOUR, CountingRules(rest=RestRule.SKIP))
    assert verdicts(outcome) == [FUNDED, DOES_NOT_FIT, FUNDED, FUNDED]
    assert outcome.judgements[1].short_cents == 20
    assert outcome.funded == ((1, 50), (3, 40), (4, 10))
    assert outcome.left_cents == 0


def test_stop_ends_there() -> None:
    outcome = count(FOUR, CountingRules(rest=RestRule.STOP))
    assert verdicts(outcome) == [FUNDED, DOES_NOT_FIT, Verdict.AFTER_STOP, Verdict.AFTER_STOP]
    assert outcome.left_cents == 50


def test_part_pays_what_is_left_and_ends() -> None:
    outcome = count(FOUR, CountingRules(rest=RestRule.PART))
    assert verdicts(outcome) == [FUNDED, PARTLY, Verdict.AFTER_STOP, Verdict.AFTER_STOP]
    assert outcome.funded == ((1, 50), (2, 50))
    assert (outcome.judgements[1].short_cents, outcome.left_cents) == (20, 0)


def test_part_pays_nothing_from_an_empty_pot() -> None:
    outcome = count(election((9, 100), (8, 1)), CountingRules(rest=RestRule.PART))
    assert verdicts(outcome) == [FUNDED, DOES_NOT_FIT]


def test_a_plan_that_costs_exactly_what_is_left_fits() -> None:
    for rest in RestRule:
        assert verdicts(count(election((9, 60), (8, 40)), CountingRules(rest=rest))) == [FUNDED, FUNDED]


def test_a_free_plan_always_fits() -> None:
    assert verdicts(count(election((9, 100), (8, 0)), CountingRules())) == [FUNDED, FUNDED]


def test_a_plan_below_the_threshold_gets_nothing() -> None:
    outcome = count(FOUR, CountingRules(min_votes=65, min_share=Share(num=71, den=100)))
    assert outcome.votes_needed == 71
    assert verdicts(outcome)[2:] == [Verdict.BELOW_THRESHOLD] * 2
    assert [one.votes_short for one in outcome.judgements[2:]] == [1, 11]


def test_nobody_s_choice_is_not_funded() -> None:
    assert verdicts(count(election((0, 10)), CountingRules())) == [Verdict.BELOW_THRESHOLD]


def test_a_full_cap_passes_a_plan_over_whatever_the_rest_rule() -> None:
    capped = election((90, 30), (80, 30), (70, 20), (60, 20), theme="aaab")
    for rest in RestRule:
        outcome = count(capped, CountingRules(rest=rest, theme_caps={"a": 50}))
        assert verdicts(outcome) == [FUNDED, Verdict.CAP_FULL, FUNDED, FUNDED]
        refused = outcome.judgements[1]
        assert (refused.grouping, refused.group, refused.short_cents) == (Grouping.THEME, "a", 10)


def test_leftovers_may_ignore_the_caps_in_a_second_look() -> None:
    capped = election((90, 30), (80, 60), (70, 20), (60, 20), theme="aaab")
    rules = CountingRules(theme_caps={"a": 30}, leftovers_ignore_caps=True)
    outcome = count(capped, rules)
    assert [step.judgement.plan for step in outcome.steps] == [1, 2, 3, 4, 2, 3]
    assert [step.for_leftovers for step in outcome.steps] == [False] * 4 + [True] * 2
    assert verdicts(outcome) == [FUNDED, DOES_NOT_FIT, FUNDED, FUNDED]
    assert outcome.judgements[1].short_cents == 10
    part = count(capped, replace(rules, rest=RestRule.PART))
    assert part.funded == ((1, 30), (2, 50), (4, 20))
    assert verdicts(part) == [FUNDED, PARTLY, Verdict.AFTER_STOP, FUNDED]


def test_after_a_stop_nobody_looks_at_the_leftovers() -> None:
    capped = election((90, 30), (80, 60), (70, 90), (60, 5), theme="aabb")
    rules = CountingRules(rest=RestRule.STOP, theme_caps={"a": 30}, leftovers_ignore_caps=True)
    outcome = count(capped, rules)
    assert verdicts(outcome) == [FUNDED, Verdict.CAP_FULL, DOES_NOT_FIT, Verdict.AFTER_STOP]
    assert not any(step.for_leftovers for step in outcome.steps)


def test_of_incompatible_plans_only_the_first_wins() -> None:
    outcome = count(FOUR, CountingRules(incompatible=((1, 3), (2, 4))))
    assert verdicts(outcome) == [FUNDED, DOES_NOT_FIT, Verdict.INCOMPATIBLE, FUNDED]
    assert outcome.judgements[2].rival == 1


def test_the_steps_follow_the_money() -> None:
    outcome = count(FOUR, CountingRules())
    assert [step.number for step in outcome.steps] == [1, 2, 3, 4]
    assert [(step.left_before_cents, step.left_after_cents) for step in outcome.steps] == [
        (100, 50),
        (50, 50),
        (50, 10),
        (10, 0),
    ]


def in_line(election: Election, rules: CountingRules) -> list[Plan]:
    """The plans with enough votes, in the order in which they get their turn."""

    def lot(plan: Plan) -> bytes:
        fields = (b"bb/v1/lot", election.seed, b"%d" % plan.id)
        return sha256(b"".join(b"%s%s" % (len(f).to_bytes(8, "big"), f) for f in fields)).digest()

    share = rules.min_share or Share(num=0, den=1)
    line = [
        plan
        for plan in sorted(election.plans, key=lot)
        if election.votes[plan.id] >= rules.min_votes
        and election.votes[plan.id] * share.den >= share.num * election.valid_ballots
    ]
    if TieKey.CHEAPEST_FIRST in rules.ties:
        line.sort(key=lambda plan: plan.cost_cents)
    return sorted(line, key=lambda plan: election.votes[plan.id], reverse=True)


class SecondCount:
    """The same rules once more, told as one loop over dicts."""

    def __init__(self, election: Election, rules: CountingRules) -> None:
        self.rules = rules
        self.money = election.budget_cents
        self.won: dict[int, int] = {}
        self.spent: Counter[str | None] = Counter()
        self.caps = {**rules.theme_caps, **rules.area_caps}
        waiting = self.walk(in_line(election, rules), capped=True)
        if rules.leftovers_ignore_caps and waiting is not None:
            self.walk(waiting, capped=False)

    def walk(self, line: list[Plan], *, capped: bool) -> list[Plan] | None:
        """Pay along the line; return who met a full cap, or None when the count ended."""
        waiting = []
        for plan in line:
            if any(plan.id in group and set(group) & self.won.keys() for group in self.rules.incompatible):
                continue
            if capped and self.over_a_cap(plan):
                waiting.append(plan)
            elif plan.cost_cents <= self.money:
                self.pay(plan, plan.cost_cents)
            elif self.rules.rest is not RestRule.SKIP:
                if self.rules.rest is RestRule.PART and self.money:
                    self.pay(plan, self.money)
                return None
        return waiting

    def over_a_cap(self, plan: Plan) -> bool:
        groups = [group for group in (plan.theme, plan.area) if group in self.caps]
        return any(self.spent[group] + plan.cost_cents > self.caps[group or ""] for group in groups)

    def pay(self, plan: Plan, cents: int) -> None:
        self.won[plan.id] = cents
        self.money -= cents
        self.spent.update({plan.theme: cents})
        self.spent.update({plan.area: cents})


@st.composite
def elections(draw: st.DrawFn) -> Election:
    size = draw(st.integers(0, 9))
    plans = [
        Plan(
            id=number,
            cost_cents=draw(st.integers(0, 30)),
            theme=draw(st.sampled_from(["a", "b", None])),
            area=draw(st.sampled_from(["x", "y", None])),
        )
        for number in draw(st.sets(st.integers(1, 99), min_size=size, max_size=size))
    ]
    votes = {plan.id: draw(st.integers(0, 4)) for plan in plans}
    return Election.from_totals(
        plans, votes, valid_ballots=5, budget_cents=draw(st.integers(0, 80)), seed=draw(st.binary(max_size=4))
    )


@st.composite
def counting_rules(draw: st.DrawFn, *, caps: bool = True) -> CountingRules:
    amounts = st.integers(1, 60)
    cap_rules: dict[str, Any] = {
        "theme_caps": draw(st.dictionaries(st.sampled_from("ab"), amounts)),
        "area_caps": draw(st.dictionaries(st.sampled_from("xy"), amounts)),
        "leftovers_ignore_caps": draw(st.booleans()),
        "incompatible": tuple(draw(st.lists(st.tuples(st.integers(1, 99), st.integers(1, 99)), max_size=20))),
    }
    return CountingRules(
        rest=draw(st.sampled_from(RestRule)),
        min_votes=draw(st.integers(0, 3)),
        min_share=draw(st.none() | st.builds(Share, num=st.integers(0, 3), den=st.integers(3, 6))),
        ties=draw(st.sampled_from([(TieKey.LOT,), (TieKey.CHEAPEST_FIRST, TieKey.LOT)])),
        **(cap_rules if caps else {}),
    )


@given(elections(), counting_rules())
def test_a_second_count_written_apart_agrees(election: Election, rules: CountingRules) -> None:
    outcome = count(election, rules)
    second = SecondCount(election, rules)
    assert (dict(outcome.funded), outcome.left_cents) == (second.won, second.money)


@given(elections(), counting_rules())
def test_money_plans_and_thresholds_add_up(election: Election, rules: CountingRules) -> None:
    outcome = count(election, rules)
    awarded = {one.plan: one.awarded_cents for one in outcome.judgements}
    assert sum(awarded.values()) + outcome.left_cents == election.budget_cents
    assert outcome.left_cents >= 0
    assert [one.rank for one in outcome.judgements] == list(range(1, len(election.plans) + 1))
    assert awarded.keys() == election.votes.keys()
    for one in outcome.judgements:
        assert 0 <= one.awarded_cents <= one.cost_cents
        assert (one.verdict is FUNDED) <= (one.awarded_cents == one.cost_cents)
        assert (one.votes < outcome.votes_needed) is (one.verdict is Verdict.BELOW_THRESHOLD)
    assert sum(one.verdict is PARTLY for one in outcome.judgements) <= (rules.rest is RestRule.PART)


@given(elections(), counting_rules())
def test_caps_and_incompatibles_are_honoured(election: Election, rules: CountingRules) -> None:
    outcome = count(election, replace(rules, leftovers_ignore_caps=False))
    won = dict(outcome.funded)
    for grouping, caps in ((Grouping.THEME, rules.theme_caps), (Grouping.AREA, rules.area_caps)):
        for group, cap in caps.items():
            inside = [plan.id for plan in election.plans if plan.group(grouping) == group]
            assert sum(won.get(plan, 0) for plan in inside) <= cap
    for plans in rules.incompatible:
        assert len(set(plans) & won.keys()) <= 1


@given(elections(), counting_rules(), st.randoms(use_true_random=False))
def test_the_order_of_the_plans_changes_nothing(
    election: Election, rules: CountingRules, shuffler: random.Random
) -> None:
    plans = list(election.plans)
    shuffler.shuffle(plans)
    votes = dict(sorted(election.votes.items(), key=lambda _: shuffler.random()))
    again = Election.from_totals(
        plans,
        votes,
        valid_ballots=election.valid_ballots,
        budget_cents=election.budget_cents,
        seed=election.seed,
    )
    assert count(again, rules) == count(election, rules)


@given(elections(), counting_rules(caps=False))
def test_what_stop_funds_part_funds_and_skip_funds_first(election: Election, rules: CountingRules) -> None:
    stop, part, skip = (
        count(election, replace(rules, rest=rest)).funded for rest in (RestRule.STOP, RestRule.PART, RestRule.SKIP)
    )
    assert part[: len(stop)] == stop == skip[: len(stop)]
    assert len(part) <= len(stop) + 1


@given(elections(), counting_rules(caps=False))
def test_skip_leaves_no_money_for_a_plan_that_qualifies(election: Election, rules: CountingRules) -> None:
    outcome = count(election, replace(rules, rest=RestRule.SKIP))
    for one in outcome.judgements:
        if one.verdict not in WINNING and one.votes >= outcome.votes_needed:
            assert one.cost_cents > outcome.left_cents


@given(elections(), counting_rules())
def test_a_lost_tie_is_one_that_another_order_would_have_won(election: Election, rules: CountingRules) -> None:
    for step in count(election, rules).steps:
        tie = step.judgement.tie
        if tie is not None:
            assert len({election.votes[plan] for plan in tie.plans}) == 1
            assert not (tie.lost and step.judgement.verdict is FUNDED)
            assert not (tie.lost and tie.plans[0] == step.judgement.plan)
