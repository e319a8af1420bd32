"""The canonical form of an outcome."""

import hashlib
import json

from buurtbegroot.core.methods import Method
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import CountingRules, RestRule
from buurtbegroot.core.tally import COUNTS, count
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.trace import Outcome, trace_fingerprint, trace_json


def outcome(seed: bytes = b"\x01\x02") -> Outcome:
    plans = (Plan(id=1, cost_cents=60), Plan(id=2, cost_cents=60), Plan(id=3, cost_cents=5))
    votes = {1: 4, 2: 4, 3: 1}
    election = Election.from_totals(plans, votes, valid_ballots=5, budget_cents=100, seed=seed)
    return count(election, CountingRules(rest=RestRule.PART))


def test_every_method_has_a_count() -> None:
    assert COUNTS.keys() == set(Method)


def test_the_trace_tells_the_whole_count() -> None:
    document = json.loads(trace_json(outcome()))
    assert document["budget_cents"] == 100
    assert document["method"] == "most_votes"
    assert document["seed"] == "0102"
    assert sorted(document["lot"]) == [1, 2, 3]
    assert [step["judgement"]["verdict"] for step in document["steps"]] == [
        "funded",
        "partly_funded",
        "after_stop",
    ]
    assert document["steps"][1]["judgement"]["tie"]["decided_by"] == "lot"
    assert document["steps"][1]["judgement"]["tie"]["lost"] is True


def test_equal_outcomes_have_equal_bytes_and_other_seeds_other_prints() -> None:
    assert trace_json(outcome()) == trace_json(outcome())
    assert trace_fingerprint(outcome()) != trace_fingerprint(outcome(b"\x03"))


def test_the_fingerprint_is_a_labelled_hash_of_the_bytes() -> None:
    label, trace = b"bb/v1/outcome", trace_json(outcome())
    framed = b"".join(len(field).to_bytes(8, "big") + field for field in (label, trace))
    assert trace_fingerprint(outcome()) == hashlib.sha256(framed).hexdigest()
