"""What a ``.pb`` file says, as plain values; how its text looks is known by the reader and the writer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from buurtbegroot.core.pabulib.amounts import Number, cents
from buurtbegroot.core.pabulib.problems import PbWarning
from buurtbegroot.core.pabulib.terms import Terms

WITHDRAWN = 99_999_999_900  # the cost, in cents, that Pabulib gives a plan withdrawn after the vote


@dataclass(frozen=True, slots=True)
class PbProject:
    """One row of PROJECTS: ``cost`` in cents; a field is None (or empty) when the file does not have it.

    ``votes`` counts the voters who listed the project, ``score`` sums their points;
    ``selected`` is 0, 1 or a code from 2 that the comment explains.
    """

    project_id: str
    cost: int
    votes: int | None = None
    score: Number | None = None
    name: str = ""
    category: tuple[str, ...] = ()
    selected: int | None = None
    neighborhood: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def withdrawn(self) -> bool:
        """Whether the cost is the sign that the plan takes no part in the count any more."""
        return self.cost == WITHDRAWN


class PbVote(NamedTuple):
    """One row of VOTES: the chosen project ids (best first when ranked) and, beside them, the points.

    The ids are as written: published files exist in which a vote names a project twice, of which only the first
    counts. A named tuple and not a dataclass: a city's file has a hundred thousand of them.
    """

    voter_id: str
    choices: tuple[str, ...]
    points: tuple[Number, ...] | None = None
    extra: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class PbFile:
    """A whole file; ``meta`` keeps every value as written."""

    meta: Mapping[str, str]
    projects: tuple[PbProject, ...]
    votes: tuple[PbVote, ...]
    warnings: tuple[PbWarning, ...] = field(default=(), compare=False)

    @property
    def budget(self) -> int:
        """The budget in cents."""
        return cents(self.meta["budget"])

    @property
    def vote_type(self) -> str:
        """One of ``VOTE_TYPES``."""
        return self.meta["vote_type"]

    @property
    def terms(self) -> Terms:
        """What META says about money and ballots, as numbers."""
        return Terms.of(self.meta)


@dataclass(frozen=True, slots=True, eq=False)
class PbProfile:
    """A file for counting: equal ballots are one row, and no voter is an object.

    Row ``i`` stands for ``weights[i]`` voters, who chose the projects ``plans[starts[i]:starts[i + 1]]`` (indexes in
    ``projects``) and gave them ``points`` at the same places divided by ``scale``; META's default_score is whole in
    that scale too. Ranked rows are best first, all others ascend; a row holds no project twice; a blank ballot is an
    empty row. Rows stand in the order in which they first occur. Shapes: starts int64 (rows + 1), weights int64 (rows),
    plans int32 and points int64 (choices).
    """

    meta: Mapping[str, str]
    terms: Terms
    projects: tuple[PbProject, ...]
    starts: NDArray[np.int64]
    plans: NDArray[np.int32]
    points: NDArray[np.int64] | None
    scale: int
    weights: NDArray[np.int64]
    warnings: tuple[PbWarning, ...]

    @property
    def voters(self) -> int:
        """How many voters there are."""
        return int(self.weights.sum())
