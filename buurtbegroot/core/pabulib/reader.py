"""From the text of a ``.pb`` file to a PbFile, or to a PbProfile for counting; opening the file is the caller's."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise, repeat
from math import gcd
from types import MappingProxyType

import numpy as np

from buurtbegroot.core.pabulib.amounts import decimal, points
from buurtbegroot.core.pabulib.ballots import Ballots, Columns
from buurtbegroot.core.pabulib.head import Head, check_count, read_head
from buurtbegroot.core.pabulib.limits import UNIT, Rows
from buurtbegroot.core.pabulib.model import PbFile, PbProfile, PbVote
from buurtbegroot.core.pabulib.problems import PbWarning, Warnings
from buurtbegroot.core.pabulib.source import Lines, Memo, Text
from buurtbegroot.core.pabulib.terms import items

_VOTE_FIELDS = {"voter_id", "vote", "points"}
_NOTHING: Mapping[str, str] = MappingProxyType({})


def read(source: Text, *, allow_miscount: bool = False) -> PbFile:
    """Read a whole file from its bytes, its text or its lines; line ends, a BOM and blank lines do not matter.

    Raises PbError, which names the line and the field, at the first thing on which a count would go wrong; what the
    file merely says against itself is in ``warnings``, with ``allow_miscount`` also other numbers of projects or votes.
    """
    warnings = Warnings(allow_miscount=allow_miscount)
    head, ballots = _open(source, warnings)
    table = _Table(head)
    votes = [vote for batch in ballots.batches(warnings) for vote in table.votes(batch.cells)]
    return PbFile(head.meta, head.projects, tuple(votes), _finish(head, ballots, warnings))


def read_profile(source: Text, *, allow_miscount: bool = False) -> PbProfile:
    """Read a file for counting, grouping equal ballots on the way; errors and warnings are those of `read`."""
    warnings = Warnings(allow_miscount=allow_miscount)
    head, ballots = _open(source, warnings)
    has_points = "points" in head.columns and head.terms.vote_type not in {"approval", "choose-1"}
    kind = np.dtype([("plan", "<i4"), ("points", "<i8")] if has_points else [("plan", "<i4")])
    groups: Counter[bytes] = Counter()
    for batch in ballots.batches(warnings):
        groups.update(_keys(batch.rows, kind))
    noted = _finish(head, ballots, warnings)
    starts = np.zeros(len(groups) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, groups), np.int64, len(groups)) // kind.itemsize, out=starts[1:])
    choices = np.frombuffer(b"".join(groups), kind)
    coarsest = gcd(UNIT, int(UNIT * (head.terms.default_score or 0)))
    step = int(np.gcd.reduce(choices["points"], initial=coarsest)) if has_points else UNIT
    return PbProfile(
        meta=head.meta,
        terms=head.terms,
        projects=head.projects,
        starts=starts,
        plans=choices["plan"].astype(np.int32),
        points=choices["points"] // step if has_points else None,
        scale=UNIT // step,
        weights=np.fromiter(groups.values(), np.int64, len(groups)),
        warnings=noted,
    )


def _keys(rows: Rows, kind: np.dtype[np.void]) -> list[bytes]:
    """Each ballot as bytes, which are equal when the ballots are."""
    choices = np.empty(len(rows.plans), kind)
    choices["plan"] = rows.plans
    if "points" in (kind.names or ()):
        choices["points"] = rows.points
    raw, ends = choices.tobytes(), (rows.starts * kind.itemsize).tolist()
    return [raw[begin:end] for begin, end in pairwise(ends)]


def _open(source: Text, warnings: Warnings) -> tuple[Head, Ballots]:
    lines = Lines(source)
    head = read_head(lines.rows(literal=True), warnings)
    return head, Ballots(lines, header=head.columns, terms=head.terms, projects=head.projects)


def _finish(head: Head, ballots: Ballots, warnings: Warnings) -> tuple[PbWarning, ...]:
    """Compare what the file says of its votes with what was counted. Raises PbError for another number of voters."""
    check_count("num_votes", ballots.count, meta=head.meta, places=head.places, warnings=warnings)
    has_scores = "points" in head.columns
    for place, (line, project) in enumerate(zip(head.project_lines, head.projects, strict=True)):
        votes, score = int(ballots.votes[place]), Fraction(int(ballots.scores[place]), UNIT)
        if project.votes not in (None, votes):
            warnings.add(line, "votes", f"says {project.votes}, the ballots give {votes}")
        if has_scores and project.score not in (None, score):
            warnings.add(line, "score", f"says {decimal(project.score or 0)}, the ballots give {decimal(score)}")
    return warnings.all()


class _Table:
    """Makes voters of cells; equal cells share their choices and points."""

    def __init__(self, head: Head) -> None:
        known = {project.project_id: project.project_id for project in head.projects}
        ids = Memo(lambda text: known[text.strip()])
        self._columns = head.columns
        self._others = [name for name in head.columns if name not in _VOTE_FIELDS]
        self._choices = Memo(lambda cell: tuple(map(ids.__getitem__, cell.split(","))) if cell.strip() else ())
        self._points = Memo(lambda cell: tuple(map(points, items(cell))))

    def votes(self, cells: Columns) -> Iterator[PbVote]:
        """The voters of a batch whose cells were found right."""
        named = dict(zip(self._columns, cells, strict=True))
        choices = map(self._choices.__getitem__, named["vote"])
        given = map(self._points.__getitem__, named["points"]) if "points" in named else repeat(None)
        return map(PbVote, map(str.strip, named["voter_id"]), choices, given, self._extras(named))

    def _extras(self, named: Mapping[str, Sequence[str]]) -> Iterator[Mapping[str, str]]:
        if not self._others:
            return repeat(_NOTHING)
        rows = zip(*(map(str.strip, named[name]) for name in self._others), strict=True)
        return (dict(zip(self._others, row, strict=True)) for row in rows)
