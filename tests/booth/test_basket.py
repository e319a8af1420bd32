"""What still fits beside the chosen plans: within the bounds of the whole ballot and of a theme or area by itself."""

import pytest

from buurtbegroot.booth.domain import Basket
from buurtbegroot.box.domain.manifest import BallotPaper
from buurtbegroot.core.ballots import Invalidity, Reason
from buurtbegroot.core.plans import Grouping, Plan
from buurtbegroot.core.rules import BallotRules, Limits, Ruleset
from buurtbegroot.core.rules import Pot as PotRule

TREES, ROOFS, GAMES, TABLE = (
    Plan(id=1, cost_cents=400, theme="groen", area="A"),
    Plan(id=2, cost_cents=200, theme="groen", area="B"),
    Plan(id=3, cost_cents=300, theme="sport", area="A"),
    Plan(id=4, cost_cents=100),
)


def basket(ballot: BallotRules, *chosen: Plan) -> Basket:
    rules = Ruleset(pots=(PotRule(id="alles", name="Alles", cents=1_000),), ballot=ballot)
    paper = BallotPaper(rules=rules, plans=(TREES, ROOFS, GAMES, TABLE), numbers={}, capacity=64)
    return Basket(paper, tuple(plan.id for plan in chosen))


def per(grouping: Grouping, **limits: Limits) -> BallotRules:
    return BallotRules(whole=Limits(), grouping=grouping, per_group=limits)


def test_the_last_plan_that_may_be_chosen_fits_and_the_next_does_not() -> None:
    ballot = BallotRules(whole=Limits(max_choices=2))
    assert basket(ballot, TREES).obstacle(ROOFS) is None
    assert basket(ballot, TREES, ROOFS).obstacle(GAMES) == Invalidity(Reason.TOO_MANY, GAMES.id, limit=2, chosen=3)


def test_the_last_cent_may_be_spent_and_none_beyond_it() -> None:
    exact, short = (BallotRules(whole=Limits(max_cost_cents=cents)) for cents in (600, 599))
    assert basket(exact, TREES).obstacle(ROOFS) is None
    assert basket(short, TREES).obstacle(ROOFS) == Invalidity(Reason.TOO_DEAR, ROOFS.id, limit=599, chosen=600)


@pytest.mark.parametrize(
    ("grouping", "group", "chosen", "other"),
    [(Grouping.THEME, "groen", TREES, GAMES), (Grouping.AREA, "B", ROOFS, TREES)],
)
def test_a_group_has_bounds_of_its_own(grouping: Grouping, group: str, chosen: Plan, other: Plan) -> None:
    second = Plan(id=5, cost_cents=1, theme="groen", area="B")
    many = basket(per(grouping, **{group: Limits(max_choices=1)}), chosen)
    assert many.obstacle(second) == Invalidity(Reason.TOO_MANY, 5, group, limit=1, chosen=2)
    assert many.obstacle(other) is None, "what is in another group is not bound"
    assert many.obstacle(TABLE) is None, "what is in no group is not bound"
    dear = basket(per(grouping, **{group: Limits(max_cost_cents=chosen.cost_cents)}), chosen)
    spent = chosen.cost_cents
    assert dear.obstacle(second) == Invalidity(Reason.TOO_DEAR, 5, group, limit=spent, chosen=spent + 1)


def test_only_what_is_in_the_group_counts_towards_its_bounds() -> None:
    ballot = per(Grouping.THEME, groen=Limits(max_choices=1, max_cost_cents=400))
    assert basket(ballot, GAMES, TABLE).obstacle(TREES) is None


def test_the_bound_on_the_whole_ballot_is_told_before_that_of_a_group() -> None:
    ballot = BallotRules(
        whole=Limits(max_choices=1), grouping=Grouping.THEME, per_group={"groen": Limits(max_choices=1)}
    )
    obstacle = basket(ballot, TREES).obstacle(ROOFS)
    assert obstacle is not None
    assert obstacle.group is None


def test_a_lower_bound_hinders_nobody_from_choosing() -> None:
    started = basket(BallotRules(whole=Limits(min_choices=3, max_choices=3)), TREES)
    assert [fault.reason for fault in started.faults] == [Reason.TOO_FEW]
    assert started.obstacle(ROOFS) is None
    assert started.with_plan(ROOFS.id).with_plan(GAMES.id).faults == ()


def test_putting_in_and_taking_out_keeps_the_order() -> None:
    full = basket(BallotRules(whole=Limits()), GAMES, TREES).with_plan(ROOFS.id)
    assert full.choices == (3, 1, 2)
    assert full.without(TREES.id).choices == (3, 2)
    assert (full.spent_cents, full.without(TREES.id).spent_cents) == (900, 500)
