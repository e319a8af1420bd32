"""V9: the published ballots counted again, by the code that counts everywhere, and the files of the count compared."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Any

from buurtbegroot.core.ballots import Choices
from buurtbegroot.core.tally.document import Document, Votes, document_of, trace_of
from buurtbegroot.core.tally.ties import commitment
from buurtbegroot.core.verifying.reading import Bundle, canonical
from buurtbegroot.core.votes_file import votes_file

MOST_DIFFERENCES = 5


def result_faults(bundle: Bundle) -> Iterator[tuple[str, str]]:
    """Yield what in result.json and votes.pb is not as the rules make it of the published ballots."""
    manifest, written = bundle.manifest, bundle.files["result.json"]
    seed = bytes.fromhex(canonical(written)["count"]["seed"])
    if commitment(seed) != manifest.rules.lot_commitment:
        yield "other_lot", seed.hex()
    ballots = cast_ballots(bundle)
    document = document_of(votes_of(bundle, ballots, seed))
    counted = trace_of(document, manifest.rules).encode()
    if counted != written:
        places = islice(differences(json.loads(counted), json.loads(written)), MOST_DIFFERENCES)
        yield from (("other_result", place) for place in [*places] or ["result.json"])
    if votes_pb(bundle, document, ballots) != bundle.files["votes.pb"]:
        yield "other_votes_file", "votes.pb"


def cast_ballots(bundle: Bundle) -> Counter[Choices]:
    """Return the published ballots, equal ones together."""
    written = Counter(ballot.choices for ballot in bundle.ballots)
    ballots: Counter[Choices] = Counter()
    for choices, number in written.items():
        ballots[tuple(json.loads(choices))] += number
    return ballots


def votes_of(bundle: Bundle, ballots: Counter[Choices], seed: bytes) -> Votes:
    """Return what the count is made of, all from the bundle."""
    manifest = bundle.manifest
    return Votes(
        round=manifest.content["round"]["slug"],
        rules=manifest.rules,
        plans=manifest.plans,
        ballots=ballots,
        seed=seed,
        ballots_sha256=hashlib.sha256(bundle.files["ballots.jsonl"]).hexdigest(),
        withdrawn=bundle.withdrawn,
    )


def votes_pb(bundle: Bundle, document: Document, ballots: Counter[Choices]) -> bytes:
    """Return votes.pb as it follows from this count."""
    begins, ends = (date.fromisoformat(bundle.manifest.content["round"][name]) for name in ("date_begin", "date_end"))
    return votes_file(document, bundle.manifest.rules, ballots, begins=begins, ends=ends)


def differences(one: Any, other: Any, where: str = "") -> Iterator[str]:
    """Yield the places at which two JSON values differ, such as `count.outcomes[0].left_cents`."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() | other.keys()):
            yield from differences(one.get(name), other.get(name), f"{where}.{name}" if where else name)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for place, pair in enumerate(zip(one, other, strict=True)):
            yield from differences(*pair, where=f"{where}[{place}]")
    elif one != other or type(one) is not type(other):
        yield where
