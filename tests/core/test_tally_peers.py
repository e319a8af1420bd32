"""Most votes, votes per euro, welfare, Phragmén and maximin support beside pabutools, on random elections.

Skipped where pabutools is not installed. PEER_ELECTIONS says how many elections for each rule: 40 unless the long
run asks for more, as in `PEER_ELECTIONS=2000 python -m pytest tests/core/test_tally_peers.py`.
"""

import os
from typing import Any

import pytest
from hypothesis import assume, given, settings

from buurtbegroot.core.methods import Method, Utility
from buurtbegroot.core.rules import RestRule
from buurtbegroot.core.tally import count
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.profile import Row
from tests.core.small_votes import elections, rules_of, voters_of

pytest.importorskip("gmpy2")
peer: Any = pytest.importorskip("pabutools.election")
rules_of_peer: Any = pytest.importorskip("pabutools.rules")

ELECTIONS = int(os.environ.get("PEER_ELECTIONS", "40"))
Vote = tuple[Election, list[Row]]

pytestmark = pytest.mark.slow


def theirs(vote: Vote) -> tuple[Any, Any]:
    """The instance and the profile of a vote, without the plans that nobody chose: peers differ on those."""
    election, cast = vote
    chosen = [plan for plan in election.plans if election.votes[plan.id]]
    projects = {plan.id: peer.Project(f"{plan.id:02}", plan.cost_cents) for plan in chosen}
    instance = peer.Instance(projects.values(), budget_limit=election.budget_cents)
    ballots = [peer.ApprovalBallot(projects[plan] for plan in voter) for voter in voters_of(cast)]
    return instance, peer.ApprovalProfile(ballots, instance=instance)


def ids(outcome: Any) -> list[int]:
    return [int(project.name) for project in outcome]


def ours(vote: Vote, method: Method, **changes: Any) -> list[int]:
    return [plan for plan, _ in count(vote[0], rules_of(method, **changes)).funded]


PEERS = settings(max_examples=ELECTIONS)


@pytest.mark.parametrize(
    ("method", "satisfaction"), [(Method.MOST_VOTES, "Cost"), (Method.VOTES_PER_EURO, "Cardinality")]
)
@PEERS
@given(vote=elections(free=False))
def test_greedy(method: Method, satisfaction: str, vote: Vote) -> None:
    sat_class = getattr(peer, f"{satisfaction}_Sat")
    assert ours(vote, method) == ids(rules_of_peer.greedy_utilitarian_welfare(*theirs(vote), sat_class=sat_class))


@pytest.mark.parametrize(("utility", "satisfaction"), [(Utility.COST, "Cost"), (Utility.COUNT, "Cardinality")])
@PEERS
@given(vote=elections(free=False))
def test_welfare(utility: Utility, satisfaction: str, vote: Vote) -> None:
    instance, profile = theirs(vote)
    assume(len(instance))
    sat_class = getattr(peer, f"{satisfaction}_Sat")
    best = ids(rules_of_peer.max_additive_utilitarian_welfare(instance, profile, sat_class=sat_class))
    votes, costs = vote[0].votes, {plan.id: plan.cost_cents for plan in vote[0].plans}

    def worth(plans: list[int]) -> int:
        return sum(votes[plan] * (costs[plan] if utility is Utility.COST else 1) for plan in plans)

    assert worth(ours(vote, Method.WELFARE, utility=utility)) == worth(best)


@PEERS
@given(vote=elections(free=False))
def test_phragmen(vote: Vote) -> None:
    assert sorted(ours(vote, Method.PHRAGMEN, rest=RestRule.STOP)) == sorted(
        ids(rules_of_peer.sequential_phragmen(*theirs(vote)))
    )


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@settings(max_examples=ELECTIONS)
@given(vote=elections(free=False, most=4))
def test_maximin_support(vote: Vote) -> None:
    outcome = count(vote[0], rules_of(Method.MAXIMIN_SUPPORT))
    assume(all(one.tie is None for one in outcome.rounds))  # the peer's floats do not see ties
    assert [plan for plan, _ in outcome.funded] == ids(rules_of_peer.maximin_support(*theirs(vote)))
