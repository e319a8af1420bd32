"""A plan that was withdrawn while people voted: it is counted as if it had not been there, and the log decides."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buurtbegroot.core.ballots import invalidities, withdrawn_choices
from buurtbegroot.core.methods import EqualShares, Method
from buurtbegroot.core.pabulib.model import WITHDRAWN
from buurtbegroot.core.pabulib.reader import read
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import CountingRules
from buurtbegroot.core.tally.document import Votes, Withdrawn, document_from, document_of, trace_of
from buurtbegroot.core.verifying.checks import Trust, check
from buurtbegroot.core.verifying.reading import Bundle
from tests.core.bundles import RULES, SEED, Vote

PLANS = tuple(Plan(id=number, cost_cents=number * 10_000) for number in range(1, 7))
CHOICES = st.frozensets(st.sampled_from(range(1, 7)), min_size=1, max_size=3).map(lambda some: tuple(sorted(some)))
COUNTED = [each for each in Method if each is not Method.MAJORITY_JUDGMENT]


def votes(ballots: Counter[tuple[int, ...]], method: Method, **changes: Any) -> Votes:
    needs = method in {Method.EQUAL_SHARES, Method.EXACT_EQUAL_SHARES}
    rules = replace(RULES, counting=CountingRules(method=method, equal_shares=EqualShares() if needs else None))
    made = Votes(round="noord", rules=rules, plans=PLANS, ballots=ballots, seed=SEED, ballots_sha256="")
    return replace(made, **changes)


@pytest.mark.parametrize("method", COUNTED)
@settings(max_examples=20)
@given(
    ballots=st.lists(CHOICES, max_size=12).map(Counter), gone=st.frozensets(st.sampled_from(range(1, 7)), max_size=3)
)
def test_it_is_counted_as_if_it_had_not_been_on_the_ballot(
    method: Method, ballots: Counter[tuple[int, ...]], gone: frozenset[int]
) -> None:
    stripped: Counter[tuple[int, ...]] = Counter()
    for choices, voters in ballots.items():
        stripped[tuple(plan for plan in choices if plan not in gone)] += voters
    left = tuple(plan for plan in PLANS if plan.id not in gone)
    with_it = document_of(votes(ballots, method, withdrawn=gone))
    without = document_of(votes(stripped, method, plans=left))
    assert with_it.outcomes == without.outcomes
    assert with_it.valid_ballots == ballots.total()
    assert {one.plan for one in with_it.judgements}.isdisjoint(gone)
    assert {one.plan: one.votes for one in with_it.withdrawn} == {
        plan: sum(voters for choices, voters in ballots.items() if plan in choices) for plan in gone
    }


def test_a_count_without_any_says_nothing_of_it() -> None:
    found = votes(Counter({(1,): 2}), Method.MOST_VOTES)
    assert "withdrawn" not in json.loads(trace_of(document_of(found), found.rules))["count"]


def test_ballots_with_it_stay_valid_and_no_new_one_is_taken() -> None:
    assert invalidities((1, 2), RULES.ballot, PLANS) == ()
    assert [each.plan for each in withdrawn_choices((1, 2), {2, 3})] == [2]
    assert withdrawn_choices((1,), {2}) == ()


def withdrawn(*plans: int) -> Vote:
    vote = Vote()
    for voter, choices in enumerate(([5], [5], [1, 5], [4])):
        vote.cast(voter, choices)
    for plan in plans:
        vote.withdraw(plan)
    return vote


def faults(files: dict[str, bytes]) -> set[str]:
    return {f"{each.check} {each.fault}" for each in check(Bundle(files), Trust()).findings}


def test_the_bundle_holds_and_another_plan_wins() -> None:
    files = withdrawn(5).finish()
    assert faults(files) == set()
    found = document_from(files["result.json"].decode())
    assert {plan for plan, _cents in found.outcomes[0].funded} == {1, 4}
    assert found.withdrawn == (Withdrawn(plan=5, votes=3),)
    assert 5 in dict(document_from(withdrawn().finish()["result.json"].decode()).outcomes[0].funded)
    pb = read(files["votes.pb"])
    assert {each.project_id: each.votes for each in pb.projects if each.withdrawn} == {"5": 3}
    assert next(each.cost for each in pb.projects if each.project_id == "5") == WITHDRAWN
    assert "Project 5 (cost 500) was withdrawn while people voted and could not win." in pb.meta["comment"]


def test_a_result_in_which_it_wins_is_named() -> None:
    other = withdrawn().finish()
    assert "V9 other_result" in faults(withdrawn(5).finish() | {"result.json": other["result.json"]})


def test_a_withdrawal_that_the_log_does_not_tell_of_is_named() -> None:
    files = withdrawn(5).finish()
    assert "V9 other_result" in faults(withdrawn().finish() | {"result.json": files["result.json"]})


@pytest.mark.parametrize(
    ("act", "fault"),
    [
        (lambda vote: vote.withdraw(9), "V2 withdrawn_not_on_ballot"),
        (lambda vote: vote.withdraw(5), "V2 withdrawn_twice"),
        (lambda vote: vote.entries[-1].pop("details"), "V2 withdrawn_erased"),
    ],
)
def test_what_the_log_says_of_it_must_make_sense(act: Callable[[Vote], object], fault: str) -> None:
    vote = withdrawn(5)
    act(vote)
    assert fault in faults(vote.finish())


def test_after_the_closing_nothing_is_withdrawn() -> None:
    vote = withdrawn()
    log = vote.log

    def late(action: str, **details: Any) -> None:
        log(action, **details)
        if action == "voting.closed":
            vote.withdraw(5)

    vote.log = late  # type: ignore[method-assign]
    assert faults(vote.finish()) == {"V2 withdrawn_late"}
