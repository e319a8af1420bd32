"""From a PbFile to its text, the same text for the same values; saving it is the caller's.

What was read is written back without loss but for its looks: every line ends in a line feed; keys and columns stand in
the order of the format, unknown ones last; cells and items of a list have no spaces about them; amounts read ``1200``
or ``1200.50`` and other numbers have no zeros to spare; only cells with a semicolon or a quote are quoted; a line end
inside a cell becomes a space.
"""

from collections.abc import Iterable, Iterator, Mapping

from buurtbegroot.core.pabulib.amounts import decimal, euros
from buurtbegroot.core.pabulib.model import PbFile, PbProject
from buurtbegroot.core.pabulib.terms import POINTS_TYPES

# The order in which pabulib.org lists the fields; what it does not know comes after them.
# fmt: off
META_ORDER = (
    "description", "country", "unit", "district", "subunit", "instance", "num_projects", "num_votes",
    "budget", "vote_type", "rule", "date_begin", "date_end", "min_length", "max_length", "min_sum_cost",
    "max_sum_cost", "min_points", "max_points", "min_sum_points", "max_sum_points", "default_score",
    "min_project_cost", "max_project_cost", "min_project_score_threshold", "neighborhoods", "subdistricts",
    "categories", "edition", "language", "currency", "fully_funded", "experimental", "comment",
    "acknowledgments", "leftover_budget", "budget_per_category", "budget_per_neighborhood",
    "min_length_per_category", "max_length_per_category", "min_sum_cost_per_category",
    "max_sum_cost_per_category", "scoring_fn",
)
PROJECT_ORDER = (
    "project_id", "cost", "votes", "score", "name", "category", "beneficiaries", "selected", "neighborhood",
    "subunit", "district", "description", "proposer", "public_id", "latitude", "longitude",
)
VOTE_ORDER = (
    "voter_id", "vote", "points", "age", "sex", "voting_method", "district", "neighborhood", "education",
)
# fmt: on


def write(file: PbFile) -> str:
    """The whole text, UTF-8 safe, with a line feed after every line."""
    return "".join(f"{line}\n" for line in lines(file))


def lines(file: PbFile) -> Iterator[str]:
    """The lines one by one, without line ends, for streaming a large file."""
    yield "META"
    yield "key;value"
    for key in _ordered(file.meta, META_ORDER):
        yield _row((key, file.meta[key]))
    yield "PROJECTS"
    yield from _table([_project_cells(project) for project in file.projects], PROJECT_ORDER, 2)
    yield "VOTES"
    yield from _vote_lines(file)


def _ordered(names: Iterable[str], order: tuple[str, ...]) -> list[str]:
    """The names of the format first, in its order; then the others as they come."""
    given = dict.fromkeys(names)
    return [name for name in order if name in given] + [name for name in given if name not in order]


def _table(rows: list[Mapping[str, str]], order: tuple[str, ...], required: int) -> Iterator[str]:
    columns = _ordered([*order[:required], *(column for row in rows for column in row)], order)
    yield _row(columns)
    for row in rows:
        yield _row(row.get(column, "") for column in columns)


def _project_cells(project: PbProject) -> dict[str, str]:
    """The cells a project has; a column appears in the file when one project has a cell for it."""
    cells = {"project_id": project.project_id, "cost": euros(project.cost), **project.extra}
    numbers = {"votes": project.votes, "score": project.score, "selected": project.selected}
    cells |= {column: decimal(number) for column, number in numbers.items() if number is not None}
    texts = {"name": project.name, "category": ",".join(project.category), "neighborhood": project.neighborhood}
    return cells | {column: text for column, text in texts.items() if text}


def _vote_lines(file: PbFile) -> Iterator[str]:
    """The VOTES table row by row, without a dictionary for every voter."""
    others = _ordered(dict.fromkeys(column for vote in file.votes for column in vote.extra), VOTE_ORDER)
    with_points = file.vote_type in POINTS_TYPES or any(vote.points is not None for vote in file.votes)
    yield _row(["voter_id", "vote", *(["points"] if with_points else []), *others])
    for vote in file.votes:
        cells = [vote.voter_id, ",".join(vote.choices)]
        if with_points:
            cells.append(",".join(map(decimal, vote.points or ())))
        cells += [vote.extra.get(column, "") for column in others]
        yield _row(cells)


def _row(cells: Iterable[str]) -> str:
    return ";".join([_cell(cell) for cell in cells])


def _cell(text: str) -> str:
    """One cell on one line, quoted only where a semicolon or a quote asks for it."""
    if not text.isalnum():
        text = " ".join(text.split()) if "\n" in text or "\r" in text else text.strip()
        if ";" in text or '"' in text:
            return '"' + text.replace('"', '""') + '"'
    return text
