"""What a ``.pb`` file says, as plain values; how its text looks is known by the reader and the writer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

VOTE_TYPES = ("approval", "choose-1", "ordinal", "cumulative", "scoring")
POINTS_TYPES = ("cumulative", "scoring")

_AMOUNT = re.compile(r"([0-9]+)(?:[.,]([0-9]{0,2})0*)?", re.ASCII)


class PbError(ValueError):
    """The text is no valid ``.pb`` file: ``line`` (from 1; 0 for a file that stops), ``field`` and ``reason``."""

    def __init__(self, line: int, field: str, reason: str) -> None:
        super().__init__(f"line {line}, {field}: {reason}")
        self.line = line
        self.field = field
        self.reason = reason


@dataclass(frozen=True, slots=True)
class PbProject:
    """One row of PROJECTS: ``cost`` in cents; a field is None (or empty) when the file does not have it.

    ``votes`` counts the voters who listed the project, ``score`` sums their points;
    ``selected`` is 0, 1 or a code from 2 that the comment explains.
    """

    project_id: str
    cost: int
    votes: int | None = None
    score: int | None = None
    name: str = ""
    category: tuple[str, ...] = ()
    selected: int | None = None
    extra: Mapping[str, str] = field(default_factory=dict)


class PbVote(NamedTuple):
    """One row of VOTES: the chosen project ids (best first when ranked) and, beside them, the points.

    The ids are as written: published files exist in which a vote names a project twice, so count ``set``s.
    A named tuple and not a dataclass: a city's file has a hundred thousand of them.
    """

    voter_id: str
    choices: tuple[str, ...]
    points: tuple[int, ...] | None = None
    extra: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class PbFile:
    """A whole file; ``meta`` keeps every value as written."""

    meta: Mapping[str, str]
    projects: tuple[PbProject, ...]
    votes: tuple[PbVote, ...]

    @property
    def budget(self) -> int:
        """The budget in cents."""
        return cents(self.meta["budget"])

    @property
    def vote_type(self) -> str:
        """One of ``VOTE_TYPES``."""
        return self.meta["vote_type"]


def cents(text: str) -> int:
    """The exact cents in an amount such as ``1200``, ``1200.5`` or ``1200,50``.

    Raises ValueError for anything else, a fraction of a cent included.
    """
    match = _AMOUNT.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not an amount in whole cents")
    whole, fraction = match.groups(default="")
    return int(whole) * 100 + int(fraction.ljust(2, "0"))


def euros(amount: int) -> str:
    """An amount of cents the way ``.pb`` files write it: ``1200`` or ``1200.50``."""
    whole, rest = divmod(amount, 100)
    return f"{whole}.{rest:02}" if rest else str(whole)
