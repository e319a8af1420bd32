"""Elections from the Pabulib files beside the checkout."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from buurtbegroot.core.pabulib import PbFile, read
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.profile import Row

FOLDER = Path(__file__).parents[2].parent / "shared" / "data" / "pabulib"


@dataclass(frozen=True)
class RealElection:
    """An election with the file it came from; plans are numbered by their ids as text, rising."""

    file: PbFile
    election: Election
    numbers: Mapping[str, int]

    def names(self, plans: list[int]) -> list[str]:
        """Return the project ids of these plans."""
        ids = {number: name for name, number in self.numbers.items()}
        return [ids[plan] for plan in plans]

    @property
    def selected(self) -> set[str]:
        """The official winners."""
        return {project.project_id for project in self.file.projects if project.selected}


def folder() -> Path:
    """Return the folder of the files; a test that asks for it skips where they are absent."""
    if not FOLDER.is_dir():
        pytest.skip("the real ballots are not beside this checkout (../shared/data)")
    return FOLDER


def real_election(path: Path) -> RealElection:
    """Return the election of one file."""
    file = read(path.read_text(encoding="utf-8"))
    names = sorted(project.project_id for project in file.projects)
    numbers = {name: number for number, name in enumerate(names, start=1)}
    plans = [Plan(id=numbers[project.project_id], cost_cents=project.cost) for project in file.projects]
    rows = [
        Row(
            choices=tuple(dict.fromkeys(numbers[choice] for choice in vote.choices)),
            points=None if vote.points is None else tuple(int(given) for given in vote.points),
        )
        for vote in file.votes
    ]
    rows = rows if file.vote_type == "ordinal" else grouped(rows)
    election = Election.from_rows(plans, rows, budget_cents=file.budget, seed=b"")
    return RealElection(file, election, numbers)


def grouped(rows: list[Row]) -> list[Row]:
    """Return one row for each distinct ballot, in which the order of choices is no part."""
    merged: dict[Row, int] = {}
    for row in rows:
        key = row._replace(choices=tuple(sorted(row.choices))) if row.points is None else row
        merged[key] = merged.get(key, 0) + 1
    return [row._replace(voters=voters) for row, voters in merged.items()]
