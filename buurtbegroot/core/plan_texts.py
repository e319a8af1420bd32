"""The texts of plans beside a manifest that only commits to them: they can be hidden, and the vote still holds.

The manifest has for each plan a hash of a salt and its texts; both lie in plans.json, which is no part of the bundle. A
plan whose texts are hidden is not in the plans.json that is published, nor is its salt, without which its hash tells
nothing.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from buurtbegroot.core.canonical import canonical_json, digest

FORMAT = "bb-plans/v2"
SALT_BYTES = 16


@dataclass(frozen=True)
class PlanTexts:
    """What a plan says, by the name of the text, and a salt of 16 random bytes, which keeps a hash of it secret."""

    salt: bytes
    texts: Mapping[str, str]

    @property
    def commitment(self) -> bytes:
        """What the manifest has of them, 32 bytes."""
        return digest("v2/plan-texts", self.salt, canonical_json(dict(self.texts)))


def plans_json(known: Mapping[int, PlanTexts]) -> bytes:
    """Return plans.json: these texts, by the id of their plan.

    Raises ValueError for a salt of another size.
    """
    if any(len(each.salt) != SALT_BYTES for each in known.values()):
        raise ValueError(f"a salt has {SALT_BYTES} bytes")
    plans = [{"id": plan, "salt": each.salt.hex(), "texts": dict(each.texts)} for plan, each in sorted(known.items())]
    return canonical_json({"format": FORMAT, "plans": plans})


def read_plans(content: bytes) -> dict[int, PlanTexts]:
    """Return the texts that `plans_json` wrote, by the id of their plan; raises ValueError for all else."""
    try:
        plain = json.loads(content)
        known = {each["id"]: PlanTexts(bytes.fromhex(each["salt"]), each["texts"]) for each in plain["plans"]}
        same = plans_json(known) == content
    except (KeyError, TypeError) as error:
        raise ValueError(f"plans.json: {error}") from error
    if not same:
        raise ValueError(f"plans.json: not in the form {FORMAT}")
    return known
