"""The frozen manifest of a vote: what it is about, under which rules and keys, in one canonical text; no database."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any

from buurtbegroot.core.canonical import canonical_json, digest
from buurtbegroot.core.envelope import choices_capacity
from buurtbegroot.core.merkle import merkle_root
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import Ruleset, from_json, to_json

FORMAT = "bb-manifest/v2"
FEW_BALLOTS = 100
"""With fewer than this, who knows the voters may be able to tell from the outcome what somebody chose."""


@dataclass(frozen=True, kw_only=True)
class ListedPlan:
    """A plan with the number under which voters see it, and the commitment to what it says."""

    plan: Plan
    number: int
    texts: bytes


@dataclass(frozen=True, kw_only=True)
class Registry:
    """The Merkle root over the lines of registry.txt, 32 bytes, and how many codes there are of each kind."""

    root: bytes
    letter: int
    spare: int = 0
    pool: int = 0


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What is promised of the outcome.

    With fewer valid ballots than `least_ballots` no ballot is published. From opening the envelopes until the outcome
    is final `check_days` days pass.
    """

    least_ballots: int = 10
    check_days: int = 2


@dataclass(frozen=True, kw_only=True)
class BallotPaper:
    """What a voter may choose from under which rules, read from a frozen manifest; `capacity` is in bytes.

    `numbers` has the number under which voters see each plan, by its id.
    """

    rules: Ruleset
    plans: tuple[Plan, ...]
    numbers: Mapping[int, int]
    capacity: int

    @cached_property
    def by_id(self) -> dict[int, Plan]:
        """The plans by id."""
        return {plan.id: plan for plan in self.plans}


def round_name(round_id: int) -> bytes:
    """Return the round's identifier in everything that is hashed and signed; unlike the slug it never changes."""
    return str(round_id).encode("ascii")


def write_manifest(
    about: dict[str, Any],
    *,
    rules: Ruleset,
    plans: Sequence[ListedPlan],
    keys: dict[str, Any],
    registry: Registry,
    terms: Terms = Terms(),
) -> str:
    """Return the manifest as canonical JSON; `about` describes the round, `keys` are public and in text form."""
    content = {
        "format": FORMAT,
        "round": about,
        "rules": json.loads(to_json(rules)),
        "plans": [_plain_plan(listed) for listed in plans],
        "keys": keys,
        "registry": _plain_registry(registry),
        **asdict(terms),
    }
    return canonical_json(content).decode()


def manifest_hash(manifest: str) -> bytes:
    """Return the fingerprint, 32 bytes, that receipts and leaves carry."""
    return digest("v2/manifest", manifest.encode())


def check_time(manifest: str) -> timedelta:
    """Return how long after the envelopes were opened the outcome can be made final."""
    return timedelta(days=json.loads(manifest)["check_days"])


def utc_text(moment: datetime) -> str:
    """Write a moment as `2026-11-21T11:00:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@lru_cache(maxsize=64)
def read_paper(manifest: str) -> BallotPaper:
    """Return the rules and plans of a manifest; raises ValueError when it is none."""
    content = json.loads(manifest)
    rules = from_json(json.dumps(content["rules"]))
    plans = tuple(
        Plan(id=plan["id"], cost_cents=plan["cost_cents"], theme=plan["theme"], area=plan["area"])
        for plan in content["plans"]
    )
    numbers = {plan["id"]: plan["number"] for plan in content["plans"]}
    most = rules.ballot.whole.max_choices
    room = len(plans) if most is None else min(most, len(plans))
    return BallotPaper(rules=rules, plans=plans, numbers=numbers, capacity=choices_capacity(room))


def registry_of_list(registry: bytes) -> Registry:
    """Return how a manifest names the list of all codes, which core.closing writes."""
    lines = registry.split(b"\n")[:-1]
    kinds = Counter(line[65:].decode("ascii") for line in lines)
    return Registry(root=merkle_root(lines), **kinds)


def _plain_registry(registry: Registry) -> dict[str, Any]:
    kinds = {"letter": registry.letter, "spare": registry.spare, "pool": registry.pool}
    return {"root": registry.root.hex(), **kinds}


def _plain_plan(listed: ListedPlan) -> dict[str, Any]:
    plan = listed.plan
    return {
        "id": plan.id,
        "number": listed.number,
        "texts": listed.texts.hex(),
        "cost_cents": plan.cost_cents,
        "theme": plan.theme,
        "area": plan.area,
    }
