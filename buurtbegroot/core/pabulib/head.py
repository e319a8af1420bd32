"""The sections META and PROJECTS, up to the header of VOTES: what both readers have in common."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from buurtbegroot.core.pabulib.amounts import cents, count, euros, number, whole
from buurtbegroot.core.pabulib.model import PbProject
from buurtbegroot.core.pabulib.problems import MISCOUNT, PbError, Warnings, parsed
from buurtbegroot.core.pabulib.source import Row
from buurtbegroot.core.pabulib.terms import DATES, POINTS_TYPES, REQUIRED, Terms, TermsError, is_date, items

_PROJECT_FIELDS = {"project_id", "cost", "votes", "score", "name", "category", "selected", "neighborhood"}


@dataclass(frozen=True, slots=True)
class Head:
    """All of a file but its voters; ``places`` and ``project_lines`` say where the keys and the projects stand."""

    meta: dict[str, str]
    places: dict[str, int]
    terms: Terms
    projects: tuple[PbProject, ...]
    project_lines: tuple[int, ...]
    columns: list[str]


def read_head(rows: Iterator[Row], warnings: Warnings) -> Head:
    """Take the rows before the first voter. Raises PbError."""
    meta, places = _read_meta(rows)
    terms = _terms(meta, places)
    _note_meta(meta, places, warnings)
    lines, projects = _read_projects(rows)
    check_count("num_projects", len(projects), meta=meta, places=places, warnings=warnings)
    for line, project in zip(lines, projects, strict=True):
        for field, reason in _doubts(project, terms):
            warnings.add(line, field, reason)
    needed = ("points",) if terms.vote_type in POINTS_TYPES else ()
    line, columns = _header(rows, "VOTES", "voter_id", "vote", *needed)
    if "points" in columns and terms.vote_type in {"approval", "choose-1"}:
        warnings.add(line, "points", f"this column has no meaning when vote_type is {terms.vote_type}")
    return Head(meta, places, terms, projects, lines, columns)


def check_count(
    key: str, found: int, *, meta: Mapping[str, str], places: Mapping[str, int], warnings: Warnings
) -> None:
    """Raise PbError if META announces another number than was found, or note it where that is allowed."""
    if not meta.get(key) or whole(meta[key]) == found:
        return
    reason = f"says {meta[key]}, but the file has {found}"
    if not warnings.allow_miscount:
        raise PbError(places[key], key, reason)
    warnings.add(places[key], key, f"{reason}: {MISCOUNT}")


def check_width(line: int, columns: list[str], cells: list[str]) -> None:
    """Raise PbError for a row with more or fewer cells than there are columns."""
    if len(cells) != len(columns):
        place = columns[min(len(cells), len(columns) - 1)]
        raise PbError(line, place, f"{len(columns)} cells expected, {len(cells)} found")


def is_on_one_line(name: str) -> bool:
    """Whether a name can be written, and so compared, without loss."""
    return "\n" not in name and "\r" not in name


def _is_title(cells: list[str], title: str) -> bool:
    return len(cells) == 1 and cells[0].strip().upper() == title


def _until(rows: Iterator[Row], title: str) -> Iterator[Row]:
    """The rows before a section's title, which is consumed too."""
    line = 0
    for line, cells in rows:
        if _is_title(cells, title):
            return
        yield line, cells
    raise PbError(line + 1, title, "this section is missing")


def _header(rows: Iterator[Row], section: str, *required: str) -> tuple[int, list[str]]:
    line, cells = next(rows, (0, [""]))
    columns = [cell.strip() for cell in cells]
    if columns[0] != required[0]:
        raise PbError(line, section, f"the first column must be {required[0]!r}, not {columns[0]!r}")
    for name in required:
        if name not in columns:
            raise PbError(line, section, f"the column {name!r} is missing")
    if len(set(columns)) < len(columns) or not is_on_one_line("".join(columns)):
        raise PbError(line, section, "a column occurs twice or runs over lines")
    return line, columns


def _read_meta(rows: Iterator[Row]) -> tuple[dict[str, str], dict[str, int]]:
    for line, cells in _until(rows, "META"):
        raise PbError(line, "META", f"the file must start with this title, not {cells[0]!r}")
    _header(rows, "META", "key", "value")
    meta: dict[str, str] = {}
    places: dict[str, int] = {}
    for line, cells in _until(rows, "PROJECTS"):
        key = cells[0].strip()
        if not key or key in meta or not is_on_one_line(key):
            raise PbError(line, key or "key", "this key is empty, occurs twice or runs over lines")
        meta[key], places[key] = ";".join(cells[1:]).strip(), line
    return meta, places


def _terms(meta: Mapping[str, str], places: Mapping[str, int]) -> Terms:
    try:
        return Terms.of(meta)
    except TermsError as error:
        raise PbError(places.get(error.key, _end(places)), error.key, error.reason) from error


def _end(places: Mapping[str, int]) -> int:
    return max(places.values(), default=1)


def _note_meta(meta: Mapping[str, str], places: Mapping[str, int], warnings: Warnings) -> None:
    for key in REQUIRED:
        if not meta.get(key):
            warnings.add(places.get(key, _end(places)), key, "the format requires this key")
    for key in DATES:
        if meta.get(key) and not is_date(meta[key]):
            warnings.add(places[key], key, f"{meta[key]!r} is neither dd.mm.yyyy nor yyyy")


def _read_projects(rows: Iterator[Row]) -> tuple[tuple[int, ...], tuple[PbProject, ...]]:
    _, columns = _header(rows, "PROJECTS", "project_id", "cost")
    projects: dict[str, PbProject] = {}
    lines: list[int] = []
    for line, cells in _until(rows, "VOTES"):
        check_width(line, columns, cells)
        project = _project(line, dict(zip(columns, map(str.strip, cells), strict=True)))
        if not project.project_id or project.project_id in projects:
            raise PbError(line, "project_id", f"{project.project_id!r} is empty or occurs twice")
        if "," in project.project_id or not is_on_one_line(project.project_id):
            raise PbError(line, "project_id", f"{project.project_id!r} holds a comma or a line end")
        projects[project.project_id] = project
        lines.append(line)
    return tuple(lines), tuple(projects.values())


def _project(line: int, cell: Mapping[str, str]) -> PbProject:
    def optional(field: str) -> int | None:
        return parsed(line, field, cell[field], parse=count) if cell.get(field) else None

    return PbProject(
        project_id=cell["project_id"],
        cost=parsed(line, "cost", cell["cost"], parse=cents),
        votes=optional("votes"),
        score=parsed(line, "score", cell["score"], parse=number) if cell.get("score") else None,
        name=cell.get("name", ""),
        category=tuple(items(cell.get("category", ""))),
        selected=optional("selected"),
        neighborhood=cell.get("neighborhood", ""),
        extra={column: value for column, value in cell.items() if column not in _PROJECT_FIELDS},
    )


def _doubts(project: PbProject, terms: Terms) -> Iterator[tuple[str, str]]:
    """What a project says against META."""
    if not project.cost:
        yield "cost", "it costs nothing"
    if terms.min_project_cost is not None and project.cost < terms.min_project_cost:
        yield "cost", f"less than min_project_cost, {euros(terms.min_project_cost)}"
    if terms.max_project_cost is not None and project.cost > terms.max_project_cost and not project.withdrawn:
        yield "cost", f"more than max_project_cost, {euros(terms.max_project_cost)}"
    for label in project.category:
        if terms.categories and label not in terms.categories:
            yield "category", f"{label!r} is not in META's categories"
    if terms.neighborhoods and project.neighborhood and project.neighborhood not in terms.neighborhoods:
        yield "neighborhood", f"{project.neighborhood!r} is not in META's neighborhoods"
