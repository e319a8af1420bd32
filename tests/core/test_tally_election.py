"""What goes into a count, and its division over pots."""

from fractions import Fraction

import pytest

from buurtbegroot.core.plans import Grouping, Plan
from buurtbegroot.core.rules import CountingRules, Pot, RestRule, Ruleset
from buurtbegroot.core.tally import count_pots
from buurtbegroot.core.tally.election import Election, by_pot
from buurtbegroot.core.tally.profile import Profile, Row

PLANS = (
    Plan(id=2, cost_cents=60, theme="sport", area="west"),
    Plan(id=1, cost_cents=40, theme="groen", area="oost"),
    Plan(id=3, cost_cents=50, theme="groen", area="west"),
)
BALLOTS = {(1, 2): 3, (3, 2): 2, (2, 1): 1, (): 4}


def test_ballots_are_added_up() -> None:
    election = Election.from_ballots(PLANS, BALLOTS, budget_cents=100, seed=b"s")
    assert [plan.id for plan in election.plans] == [1, 2, 3]
    assert election.votes == {1: 4, 2: 6, 3: 2}
    assert election.valid_ballots == 10
    assert election.ballots == {(1, 2): 4, (2, 3): 2, (): 4}


def test_totals_alone_give_the_same_votes() -> None:
    election = Election.from_totals(PLANS, {2: 6, 1: 4}, valid_ballots=10, budget_cents=100, seed=b"s")
    assert election.votes == {1: 4, 2: 6, 3: 0}
    assert election.ballots == {}


@pytest.mark.parametrize("votes", [{9: 1}, {1: -1}])
def test_totals_that_cannot_be_are_refused(votes: dict[int, int]) -> None:
    with pytest.raises(ValueError, match=r"unknown|negative"):
        Election.from_totals(PLANS, votes, valid_ballots=1, budget_cents=1, seed=b"")


@pytest.mark.parametrize("ballots", [{(1, 1): 1}, {(9,): 1}, {(1,): -1}])
def test_ballots_that_cannot_be_are_refused(ballots: dict[tuple[int, ...], int]) -> None:
    with pytest.raises(ValueError, match=r"twice|unknown|negative"):
        Election.from_ballots(PLANS, ballots, budget_cents=1, seed=b"")


def test_a_plan_may_occur_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        Election.from_totals((*PLANS, PLANS[0]), {}, valid_ballots=1, budget_cents=1, seed=b"")


def test_each_pot_is_an_election_of_its_own() -> None:
    ruleset = Ruleset(
        pots=(Pot(id="west", name="West", cents=70), Pot(id="oost", name="Oost", cents=30)),
        pots_by=Grouping.AREA,
        counting=CountingRules(rest=RestRule.PART),
    )
    election = Election.from_ballots(PLANS, BALLOTS, budget_cents=100, seed=b"s")
    west, oost = by_pot(election, ruleset)
    assert (west.pot, west.budget_cents, west.votes, west.valid_ballots) == ("west", 70, {2: 6, 3: 2}, 10)
    assert west.ballots == {(2,): 4, (2, 3): 2, (): 4}
    assert oost.votes == {1: 4}
    outcomes = count_pots(election, ruleset)
    assert [(one.pot, one.funded, one.left_cents) for one in outcomes] == [
        ("west", ((2, 60), (3, 10)), 0),
        ("oost", ((1, 30),), 0),
    ]


def test_one_pot_takes_its_money_from_the_rules() -> None:
    ruleset = Ruleset(pots=(Pot(id="all", name="Alles", cents=45),))
    election = Election.from_ballots(PLANS, BALLOTS, budget_cents=100, seed=b"s")
    (outcome,) = count_pots(election, ruleset)
    assert (outcome.pot, outcome.funded) == ("all", ((1, 40),))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([Row((1, 1))], "a ballot names a plan twice"),
        ([Row((1, 9))], r"votes for unknown plans: \[9\]"),
        ([Row((1,), -1)], "is negative"),
        ([Row((1,), weight=Fraction(0))], "a weight is 0"),
        ([Row((1,), start=Fraction(-1))], "start money is negative"),
        ([Row((1, 2), points=(3,))], "1 points for 2 plans"),
        ([Row((1,), points=(3,)), Row((2,))], "some ballots have points and others none"),
    ],
)
def test_rows_that_cannot_be_are_refused(rows: list[Row], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Election.from_rows(PLANS, rows, budget_cents=100, seed=b"")


def test_an_empty_ballot_beside_points_is_no_contradiction() -> None:
    election = Election.from_rows(PLANS, [Row((1,), points=(3,)), Row(())], budget_cents=100, seed=b"")
    assert election.valid_ballots == 2


def test_a_profile_of_other_plans_is_refused() -> None:
    profile = Profile.from_rows([1, 2], [Row((1,))])
    with pytest.raises(ValueError, match="other plans"):
        Election.from_profile(PLANS, profile, budget_cents=100, seed=b"")
