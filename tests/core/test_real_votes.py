"""41 real votes expressed as rules and counted from their published totals."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import pytest

from buurtbegroot.core.plans import Grouping
from buurtbegroot.core.rule_problems import Problem, ProblemCode, problems
from buurtbegroot.core.rules import BallotType, CountingRules, RestRule, from_json, to_json
from buurtbegroot.core.tally import count, count_pots
from buurtbegroot.core.tally.trace import Outcome, Verdict
from buurtbegroot.demo.votes import RealVote, bundled_votes

VOTES = {vote.id: vote for vote in bundled_votes()}
SEED = b"a seed that no vote here needs"

# Numbers of winners with one budget and no caps, equal totals cheapest first: (stop, skip). Computed apart
# from this program, from the Pabulib files named in buurtbegroot/demo/data/SOURCES.md.
EXPECTED = {
    "Amsterdam_166": (27, 30),
    "Amsterdam_179": (22, 22),
    "Amsterdam_212": (11, 13),
    "Amsterdam_252": (20, 23),
    "Amsterdam_267": (12, 15),
    "Amsterdam_285": (10, 14),
    "Amsterdam_287": (7, 9),
    "Amsterdam_288": (6, 7),
    "Amsterdam_289": (7, 8),
    "Amsterdam_304": (14, 18),
    "Amsterdam_309": (11, 13),
    "Amsterdam_324": (1, 3),
    "Amsterdam_332": (19, 21),
    "Amsterdam_335": (17, 17),
    "Amsterdam_358": (22, 22),
    "Amsterdam_417": (18, 20),
    "Amsterdam_489": (7, 10),
    "Amsterdam_490": (6, 7),
    "Amsterdam_491": (9, 11),
    "Amsterdam_492": (10, 10),
    "Amsterdam_509": (13, 16),
    "Amsterdam_515": (4, 4),
    "Amsterdam_522": (4, 5),
    "Amsterdam_523": (2, 2),
    "Amsterdam_524": (10, 11),
    "Amsterdam_525": (7, 7),
    "Amsterdam_588": (7, 9),
    "Amsterdam_604": (21, 22),
    "Amsterdam_605": (9, 10),
    "Amsterdam_613": (15, 15),
    "Amsterdam_619": (5, 5),
    "Amsterdam_621": (23, 25),
    "Amsterdam_622": (9, 11),
    "Amsterdam_628": (16, 18),
    "Amsterdam_631": (24, 25),
    "Amsterdam_643": (1, 1),
    "Amsterdam_644": (6, 8),
    "Amsterdam_645": (5, 7),
    "Amsterdam_646": (7, 11),
    "Amsterdam_647": (7, 12),
    "Assen_2024": (5, 7),
}


def plain(vote: RealVote, rest: RestRule) -> Outcome:
    return count(vote.election(SEED), CountingRules(rest=rest))


def spent(vote: RealVote, outcome: Outcome, grouping: Grouping) -> Mapping[str | None, int]:
    plans = {plan.id: plan for plan in vote.plans}
    groups: Counter[str | None] = Counter()
    for plan, cents in outcome.funded:
        groups[plans[plan].group(grouping)] += cents
    return groups


def test_every_vote_has_its_expected_numbers() -> None:
    assert VOTES.keys() == EXPECTED.keys()
    assert len(VOTES) == 41


@pytest.mark.parametrize("vote", VOTES.values(), ids=VOTES)
def test_numbers_of_winners(vote: RealVote) -> None:
    numbers = tuple(len(plain(vote, rest).funded) for rest in (RestRule.STOP, RestRule.SKIP))
    assert numbers == EXPECTED[vote.id]


@pytest.mark.parametrize("vote", VOTES.values(), ids=VOTES)
def test_the_rules_hold_together_and_survive_their_canonical_form(vote: RealVote) -> None:
    known = {
        "Amsterdam_212": (
            Problem(
                "plans",
                ProblemCode.PLAN_TOO_CHEAP,
                {"plan": 16580, "cost_cents": 287_500, "min_cents": 500_000},
            ),
        )
    }
    assert problems(vote.ruleset, vote.ruleset.budget_cents, vote.plans) == known.get(vote.id, ())
    assert from_json(to_json(vote.ruleset)) == vote.ruleset


@pytest.mark.parametrize("vote", VOTES.values(), ids=VOTES)
def test_the_vote_by_its_own_rules_honours_budget_and_caps(vote: RealVote) -> None:
    (outcome,) = count_pots(vote.election(SEED), vote.ruleset)
    awarded = sum(cents for _, cents in outcome.funded)
    assert awarded + outcome.left_cents == vote.ruleset.budget_cents
    assert outcome.left_cents >= 0
    counting = vote.ruleset.counting
    if counting.leftovers_ignore_caps:
        (outcome,) = count_pots(
            vote.election(SEED),
            replace(vote.ruleset, counting=replace(counting, leftovers_ignore_caps=False)),
        )
    for grouping, caps in ((Grouping.THEME, counting.theme_caps), (Grouping.AREA, counting.area_caps)):
        groups = spent(vote, outcome, grouping)
        assert all(groups[group] <= cap for group, cap in caps.items())


def test_six_votes_have_caps_and_in_each_a_cap_is_met() -> None:
    capped = [v for v in VOTES.values() if v.ruleset.counting.theme_caps or v.ruleset.counting.area_caps]
    assert len(capped) == 6
    for vote in capped:
        (outcome,) = count_pots(vote.election(SEED), vote.ruleset)
        assert any(step.judgement.verdict is Verdict.CAP_FULL for step in outcome.steps), vote.id


def test_leftovers_may_ignore_the_caps_where_the_file_says_so() -> None:
    free = {vote.id for vote in VOTES.values() if vote.ruleset.counting.leftovers_ignore_caps}
    assert free == {"Amsterdam_604", "Amsterdam_605"}
    (outcome,) = count_pots(VOTES["Amsterdam_605"].election(SEED), VOTES["Amsterdam_605"].ruleset)
    assert any(step.for_leftovers for step in outcome.steps)


def test_kinds_of_ballots_among_the_votes() -> None:
    kinds = Counter(vote.ruleset.ballot.type for vote in VOTES.values())
    assert kinds == {BallotType.KNAPSACK: 21, BallotType.APPROVAL: 20}
    assert sum(vote.ruleset.ballot.grouping is not None for vote in VOTES.values()) == 6
    assert VOTES["Amsterdam_324"].ruleset.counting.rest is RestRule.PART


def test_where_the_winners_were_published_they_are_ours() -> None:
    weesp = plain(VOTES["Amsterdam_515"], RestRule.SKIP)
    assert (weesp.valid_ballots, len(weesp.funded)) == (3140, 4)
    west = plain(VOTES["Amsterdam_309"], RestRule.STOP)
    assert (west.valid_ballots, len(west.funded)) == (14_411, 11)
    assert sum(cents for _, cents in west.funded) == 29_079_000


def test_a_vote_paid_in_part_leaves_nothing() -> None:
    vote = VOTES["Amsterdam_324"]
    (outcome,) = count_pots(vote.election(SEED), vote.ruleset)
    assert outcome.left_cents == 0
    assert [one.verdict for one in outcome.judgements[:3]] == [
        Verdict.FUNDED,
        Verdict.PARTLY_FUNDED,
        Verdict.AFTER_STOP,
    ]
