"""The same vote, deliberately made to leak in every way that an attack looks for: to show that each finds something."""

import hashlib
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from buurtbegroot.box import opener
from buurtbegroot.box.domain import ballots as sealing
from buurtbegroot.core import envelope
from buurtbegroot.core.closing import opened_lists
from buurtbegroot.core.envelope import CastMaterial, Contents, cast_material, seal
from buurtbegroot.core.opening import Opened, Register


class Leaks:
    """What version 1 did wrong, and what else could be.

    The tracker lies in the clear beside its row, the code alone shows a receipt again, envelopes are as long as what
    was chosen, leaves are published in batches, and what is opened comes out in the order in which people came.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(sealing, "cast_material", _with_tracker)
        patch.setattr(envelope, "seal", _as_long_as_needed)

    @staticmethod
    def form(k: bytes) -> bytes:
        """Return the form of a review page that follows from the code."""
        return hashlib.sha256(b"form" + k).digest()[:16]

    @staticmethod
    def before_opening(patch: pytest.MonkeyPatch, came: Sequence[tuple[bytes, bytes]]) -> None:
        """Let ballots and nullifiers leave the opener in the order in which people came; each has both."""
        order = {value.hex().encode(): place for place, pair in enumerate(came) for value in pair}

        def place(line: bytes) -> int:
            return next((order[word] for word in re.findall(rb"[0-9a-f]{32,}", line) if word in order), len(came))

        def lists(opened: Opened, register: Register, envelopes: Collection[bytes]) -> dict[str, Iterable[bytes]]:
            found: dict[str, Iterable[bytes]] = {**opened_lists(opened, register, envelopes)}
            return found | {name: sorted(found[name], key=place) for name in ("ballots.jsonl", "nullifiers.txt")}

        patch.setattr(opener, "opened_lists", lists)


def _with_tracker(*args: Any, **more: Any) -> CastMaterial:
    made = cast_material(*args, **more)
    return replace(made, mark=made.receipt.tracker + made.mark[16:])


def _as_long_as_needed(contents: Contents, *, capacity: int, sealing_key: bytes) -> bytes:
    return seal(contents, capacity=len(contents.choices), sealing_key=sealing_key)
