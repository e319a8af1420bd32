"""Any valid rules, plans and ballots: the public checker accepts the files, and they give the bytes counted."""

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, assume, given
from hypothesis import strategies as st

from buurtbegroot.cli import main
from buurtbegroot.core.ballots import Choices
from buurtbegroot.core.canonical import canonical_json
from buurtbegroot.core.methods import EqualShares, Method, Share, Start, Stop, Tail, Utility
from buurtbegroot.core.pabulib import write
from buurtbegroot.core.plans import Grouping, Plan
from buurtbegroot.core.rule_problems import problems
from buurtbegroot.core.rules import BallotRules, CountingRules, Limits, Pot, RestRule, Ruleset, TieKey
from buurtbegroot.core.tally.document import document_from, document_of, trace_of
from buurtbegroot.core.tally.presets import PRESETS
from buurtbegroot.core.votes_file import votes_file
from buurtbegroot.results.domain.pabulib import pabulib_files
from buurtbegroot.tally.domain.counting import Input
from tests.datasets.checker import faults_of_checker
from tests.examples import examples

LETTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"))
NAMES = st.one_of(st.sampled_from(["Groen, water", 'a;"b"', " spatie ", "1"]), st.text(LETTERS, min_size=1, max_size=6))
# In floats 100.30 - 50.10 is less than 50.20, and whole euros lose more.
CENTS = st.sampled_from([100, 199, 2_550, 5_000, 5_000, 5_010, 5_020, 10_000, 10_001])
EUROS = st.integers(5, 100).map(lambda euros: euros * 100)
BUDGETS = st.sampled_from([10_001, 10_030, 15_000, 30_000])
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
def plain_counting(draw: st.DrawFn) -> CountingRules:
    """Return rules for which the format may have a name: by most votes, or equal shares as it is known somewhere."""
    if draw(st.booleans()):
        rules = draw(st.sampled_from([PRESETS["assen_2024"], PRESETS["pabulib_checker_add1"], *PRESETS.values()]))
        once = replace(rules, equal_shares=replace(rules.equal_shares or EqualShares(), step_cents=None))
        return draw(st.sampled_from([rules, once]))
    return CountingRules(
        rest=draw(st.sampled_from(RestRule)),
        min_votes=draw(st.integers(0, 3)),
        min_share=draw(maybe(SHARES)),
        ties=draw(st.sampled_from([(TieKey.LOT,), (TieKey.CHEAPEST_FIRST, TieKey.LOT)])),
    )


@st.composite
def special_counting(draw: st.DrawFn, *, ids: list[int], groups: list[str], pots_by: Grouping | None) -> CountingRules:
    """Return rules of any kind: caps and minimums where there is one pot, rivals, any order of ties."""
    caps = st.dictionaries(st.sampled_from(groups), st.sampled_from([3_000, 9_000]), max_size=2)
    caps_of_one: dict[str, Any] = {} if pots_by else {
        name: draw(caps) for name in ("theme_caps", "area_caps", "theme_minimums", "area_minimums")
    }  # fmt: skip
    some = st.lists(st.sampled_from(ids), min_size=min(2, len(ids)), max_size=3, unique=True).map(tuple)
    pairs = st.permutations(ids).map(lambda order: (order[0], order[-1]))
    can_tie = len(ids) > 1
    rest = draw(st.sampled_from(RestRule))
    return CountingRules(
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


@st.composite
def sources(draw: st.DrawFn) -> Input:
    """Return a valid input of a count: costs and votes that tie, groups that the format spoils, blank ballots."""
    groups = draw(st.lists(NAMES, min_size=2, max_size=3, unique=True))
    ids = draw(st.lists(st.integers(1, 120), min_size=1, max_size=7, unique=True))
    is_plain = draw(st.booleans())
    pots_by = None if is_plain else draw(maybe(st.sampled_from(Grouping)))
    group = st.sampled_from(groups)
    theme, area = (group if pots_by or draw(st.booleans()) else maybe(group) for _ in range(2))
    cents = draw(st.sampled_from([CENTS, EUROS]))
    plans = [Plan(id=one, cost_cents=draw(cents), theme=draw(theme), area=draw(area)) for one in sorted(ids)]
    names = groups if pots_by else ["alles"]
    pots = tuple(Pot(id=name, name=name.strip(), cents=draw(BUDGETS)) for name in names)
    counting = draw(plain_counting() if is_plain else special_counting(ids=ids, groups=groups, pots_by=pots_by))
    least = draw(st.sampled_from([0, 1, 1]))
    limits = Limits(min_choices=least, max_choices=draw(maybe(st.integers(1, 8))))
    rules = Ruleset(pots=pots, pots_by=pots_by, ballot=BallotRules(whole=limits), counting=counting)
    assume(not problems(rules, rules.budget_cents, plans))
    ballot = st.frozensets(st.sampled_from(ids), min_size=least, max_size=limits.max_choices)
    ballots: Counter[Choices] = Counter(tuple(sorted(one)) for one in draw(st.lists(ballot, max_size=20)))
    return Input(
        round="ronde",
        rules=rules,
        plans=tuple(plans),
        ballots=ballots,
        seed=draw(st.binary(max_size=4)),
        ballots_sha256="",
        codes=0,
        withdrawn=draw(st.frozensets(st.sampled_from(ids), max_size=1)),
    )


def result_of(source: Input) -> Any:
    """Return as much of a certified result as its files need; the title of every third plan is hidden."""
    day = datetime(2026, 11, 21, tzinfo=UTC)
    round_ = SimpleNamespace(
        title='Ronde; "één"', slug="ronde", note="#5: van\nvroeger", created_at=day, windows=[],
        owner=SimpleNamespace(name="West"),
    )  # fmt: skip
    titles = {plan.id: SimpleNamespace(title=f'Plan; "{plan.id}"\n' if plan.id % 3 else "") for plan in source.plans}
    document = document_from(trace_of(document_of(source), source.rules))
    return SimpleNamespace(round=round_, rules=source.rules, document=document, plans=titles)


@pytest.mark.slow
@examples(40, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(source=sources())
def test_any_round_comes_out_again(source: Input) -> None:
    result = result_of(source)
    noted, document = pabulib_files(result, Counter(source.ballots))
    with TemporaryDirectory() as name:
        files = [Path(name, one) for one in ("vote.pb", "beside.json", "trace.json")]
        files[0].write_text(write(noted), encoding="utf-8")
        files[1].write_bytes(document)
        command = ["count", str(files[0]), "--beside", str(files[1]), "--trace", str(files[2])]
        found = CliRunner().invoke(main, command)
        assert found.exit_code == 0, found.output
        assert "differs" not in found.output
        again = [one["outcome"] for one in json.loads(files[2].read_bytes())["counts"]]
    certified = json.loads(trace_of(result.document, source.rules))["count"]["outcomes"]
    assert canonical_json(again) == canonical_json(certified)


@pytest.mark.slow
@examples(40, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(source=sources())
def test_the_public_checker_accepts_the_files_of_any_round(source: Input) -> None:
    result, day = result_of(source), datetime(2026, 11, 21, tzinfo=UTC).date()
    noted, _document = pabulib_files(result, Counter(source.ballots))
    assert faults_of_checker(write(noted)) == {}, write(noted)
    proof = votes_file(result.document, source.rules, source.ballots, begins=day, ends=day).decode()
    assert faults_of_checker(proof) == {}, proof
