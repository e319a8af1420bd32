"""Any valid rules, plans and ballots: the published files give the bytes that were counted."""

from collections import Counter
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given
from hypothesis import strategies as st

from buurtbegroot.core.ballots import Choices
from buurtbegroot.core.methods import EqualShares, Method, Share, Start, Stop, Tail, Utility
from buurtbegroot.core.pabulib import read, read_beside, write
from buurtbegroot.core.plans import Grouping, Plan
from buurtbegroot.core.rule_problems import problems
from buurtbegroot.core.rules import BallotRules, CountingRules, Limits, Pot, RestRule, Ruleset, TieKey
from buurtbegroot.core.tally import count
from buurtbegroot.core.tally.document import document_from, document_of, trace_of
from buurtbegroot.core.tally.trace import trace_json
from buurtbegroot.counting.asked import asked
from buurtbegroot.counting.vote import pots_of, vote_beside
from buurtbegroot.results.domain.pabulib import pabulib_files
from buurtbegroot.tally.domain.counting import Input
from tests.examples import examples

LETTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"))
NAMES = st.one_of(st.sampled_from(["Groen, water", 'a;"b"', " spatie ", "1"]), st.text(LETTERS, min_size=1, max_size=6))
CENTS = st.sampled_from([0, 1, 100, 2_550, 5_000, 5_000, 10_000, 10_001])
SHARES = st.builds(Share, num=st.integers(1, 3), den=st.integers(3, 7))
METHODS = [method for method in Method if method is not Method.MAJORITY_JUDGMENT]


def maybe(strategy: st.SearchStrategy[Any], empty: Any = None) -> st.SearchStrategy[Any]:
    return st.one_of(st.just(empty), strategy)


@st.composite
def methods(draw: st.DrawFn) -> dict[str, Any]:
    method = draw(st.sampled_from(METHODS))
    shares = EqualShares(
        utility=draw(st.sampled_from([Utility.COST, Utility.COUNT])),
        start=draw(st.sampled_from(Start)),
        step_cents=draw(st.sampled_from([None, 50, 100])),
        step_share=draw(maybe(st.just(Share(num=1, den=10)))),
        stop=draw(st.sampled_from(Stop)),
        tail=draw(st.sampled_from(Tail)),
        compare=draw(st.booleans()),
    )
    is_shares = method in {Method.EQUAL_SHARES, Method.EXACT_EQUAL_SHARES}
    is_useful = method in {Method.WELFARE, Method.BOS}
    return {
        "method": method,
        "equal_shares": shares if is_shares else None,
        "utility": draw(st.sampled_from([Utility.COST, Utility.COUNT])) if is_useful else Utility.COUNT,
    }


@st.composite
def sources(draw: st.DrawFn) -> Input:
    """Return a valid input of a count: costs and votes that tie, groups that the format spoils, blank ballots."""
    groups = draw(st.lists(NAMES, min_size=2, max_size=3, unique=True))
    ids = draw(st.lists(st.integers(1, 120), min_size=1, max_size=7, unique=True))
    pots_by = draw(maybe(st.sampled_from(Grouping)))
    group = st.sampled_from(groups) if pots_by else maybe(st.sampled_from(groups))
    plans = [Plan(id=one, cost_cents=draw(CENTS), theme=draw(group), area=draw(group)) for one in sorted(ids)]
    names = groups if pots_by else ["alles"]
    pots = tuple(
        Pot(id=name, name=name.strip(), cents=draw(st.sampled_from([10_001, 15_000, 30_000]))) for name in names
    )
    caps = st.dictionaries(st.sampled_from(groups), st.sampled_from([3_000, 9_000]), max_size=2)
    caps_of_one: dict[str, Any] = {} if pots_by else {
        name: draw(caps) for name in ("theme_caps", "area_caps", "theme_minimums", "area_minimums")
    }  # fmt: skip
    some = st.lists(st.sampled_from(ids), min_size=min(2, len(ids)), max_size=3, unique=True).map(tuple)
    pairs = st.permutations(ids).map(lambda order: (order[0], order[-1]))
    can_tie = len(ids) > 1
    rest = draw(st.sampled_from(RestRule))
    counting = CountingRules(
        **draw(methods()),
        rest=rest,
        top_up_from=draw(maybe(SHARES)) if rest is RestRule.STOP else None,
        min_votes=draw(st.integers(0, 2)),
        min_share=draw(maybe(SHARES)),
        support_per_cost=draw(maybe(SHARES)),
        **caps_of_one,
        leftovers_ignore_caps=draw(st.booleans()) and any(caps_of_one.get(one) for one in ("theme_caps", "area_caps")),
        incompatible=(draw(some),) if can_tie and draw(st.booleans()) else (),
        requires=(draw(pairs),) if can_tie and draw(st.booleans()) else (),
        ties=(
            *draw(st.permutations([one for one in TieKey if one is not TieKey.LOT]))[: draw(st.integers(0, 3))],
            TieKey.LOT,
        ),
    )
    rules = Ruleset(pots=pots, pots_by=pots_by, ballot=BallotRules(whole=Limits(min_choices=0)), counting=counting)
    assume(not problems(rules, rules.budget_cents, plans))
    cast = draw(st.lists(st.frozensets(st.sampled_from(ids)), max_size=12))
    ballots: Counter[Choices] = Counter(tuple(sorted(one)) for one in cast)
    return Input(
        round="ronde",
        rules=rules,
        plans=tuple(plans),
        ballots=ballots,
        seed=draw(st.binary(max_size=4)),
        ballots_sha256="",
        codes=0,
    )


def result_of(source: Input) -> Any:
    """Return as much of a certified result as its files need."""
    day = datetime(2026, 11, 21, tzinfo=UTC)
    round_ = SimpleNamespace(
        title="Ronde", slug="ronde", note="", created_at=day, windows=[], owner=SimpleNamespace(name="West")
    )
    titles = {plan.id: SimpleNamespace(title=f"Plan {plan.id}") for plan in source.plans}
    document = document_from(trace_of(document_of(source), source.rules))
    return SimpleNamespace(round=round_, rules=source.rules, document=document, plans=titles)


@pytest.mark.slow
@examples(100, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(source=sources())
def test_any_round_comes_out_again(source: Input) -> None:
    result = result_of(source)
    noted, document = pabulib_files(result, Counter(source.ballots))
    data = write(noted).encode()
    beyond = read_beside(document, data)
    vote = vote_beside(read(data), beyond, seed=bytes.fromhex(beyond.seed))
    (own,) = asked(("file",), {}, vote)
    again = [count(pot.election, own.counting) for pot in pots_of(vote)]
    assert [trace_json(one) for one in again] == [trace_json(one) for one in result.document.outcomes]
