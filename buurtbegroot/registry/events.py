"""What the log says about the codes of a vote."""

from dataclasses import dataclass
from typing import ClassVar

from buurtbegroot.audit.events import Event


@dataclass(frozen=True, kw_only=True)
class CodesIssued(Event):
    """So many voting codes were made at once, and so many spare ones."""

    name: ClassVar[str] = "voting.codes_issued"
    batch: int
    codes: int
    spares: int


@dataclass(frozen=True, kw_only=True)
class PoolFilled(Event):
    """So many codes were made for people with an account, who can draw `total` now; `reserve` wait for a backup."""

    name: ClassVar[str] = "voting.pool_filled"
    codes: int
    total: int
    reserve: int


@dataclass(frozen=True, kw_only=True)
class PoolEmptied(Event):
    """The pool was given up before the vote opened, and its codes with it."""

    name: ClassVar[str] = "voting.pool_emptied"
    codes: int


@dataclass(frozen=True, kw_only=True)
class PoolShut(Event):
    """The pool had so many codes, in reserve as well; `drawn` were given out, and `left` that waited are destroyed."""

    name: ClassVar[str] = "voting.pool_shut"
    codes: int
    drawn: int
    left: int


@dataclass(frozen=True, kw_only=True)
class CodeVoided(Event):
    """A second person made this code void; `spare` when a spare took its place, which one is not said.

    Nor is it said whether there was a ballot of this code in the box: that would be a note of who voted.
    """

    name: ClassVar[str] = "voting.code_voided"
    code: str
    reason: str
    spare: bool


@dataclass(frozen=True, kw_only=True)
class VoteRestored(Event):
    """The vote went on from a backup of the database, as its `epoch`, the number of times that this happened.

    Ballots that were cast between two moments (ISO, UTC) may be missing; both are empty where the box was shut before,
    so that none is. So many codes became `void` once more, and so many `waiting` ones that nobody can draw any more.
    """

    name: ClassVar[str] = "voting.restored"
    epoch: int
    since: str
    until: str
    void: int
    waiting: int


@dataclass(frozen=True, kw_only=True)
class CodeListsDestroyed(Event):
    """Two people say that nobody has a list any more of which code was in which letter."""

    name: ClassVar[str] = "voting.code_lists_destroyed"


@dataclass(frozen=True, kw_only=True)
class KeysCopied(Event):
    """A copy of the keys of a vote was made: the `copy`th, from 1, which the `holder` has."""

    name: ClassVar[str] = "voting.keys_copied"
    copy: int
    holder: str


@dataclass(frozen=True, kw_only=True)
class KeyCopyDestroyed(Event):
    """The `copy`th copy of the keys of a vote is gone."""

    name: ClassVar[str] = "voting.key_copy_destroyed"
    copy: int
