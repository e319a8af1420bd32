"""From the text of a ``.pb`` file to a PbFile, line by line; opening and decoding are the caller's."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain

from buurtbegroot.core.pabulib.model import (
    POINTS_TYPES,
    VOTE_TYPES,
    PbError,
    PbFile,
    PbProject,
    PbVote,
    cents,
)

Row = tuple[int, list[str]]

_PROJECT_FIELDS = {"project_id", "cost", "votes", "score", "name", "category", "selected"}
_VOTE_FIELDS = {"voter_id", "vote", "points"}


def read(source: str | Iterable[str]) -> PbFile:
    """Read a whole file from its text or its lines; line ends, a BOM and blank lines do not matter.

    Raises PbError, which names the line and the field, at the first thing that is wrong.
    """
    rows = _rows(source.split("\n") if isinstance(source, str) else source)
    meta, places = _read_meta(rows)
    projects = _read_projects(rows)
    votes = _read_votes(rows, {project.project_id for project in projects}, meta["vote_type"])
    for key, found in (("num_projects", len(projects)), ("num_votes", len(votes))):
        if key in meta and _number(places[key], key, meta[key]) != found:
            raise PbError(places[key], key, f"says {meta[key]}, but the file has {found}")
    return PbFile(meta, projects, votes)


def _rows(source: Iterable[str]) -> Iterator[Row]:
    """Number and split the lines; the slower csv module is only asked where a quote occurs."""
    lines = iter(source)
    number = 0
    for raw in lines:
        number += 1
        line = raw.strip("\ufeff \t\r\n")
        if '"' in line:
            # A quoted cell may hold a line end: the csv module then takes the lines that follow.
            more = (follow.rstrip("\r\n") + "\n" for follow in lines)
            quoted = csv.reader(chain([line + "\n"], more), delimiter=";", strict=True)
            try:
                yield number, next(quoted)
            except csv.Error as error:
                raise PbError(number, "quotes", str(error)) from error
            number += quoted.line_num - 1
        elif line:
            yield number, line.split(";")


def _is_title(cells: list[str], title: str) -> bool:
    return len(cells) == 1 and cells[0].strip().upper() == title


def _until(rows: Iterator[Row], title: str) -> Iterator[Row]:
    """The rows before a section's title, which is consumed too."""
    number = 0
    for number, cells in rows:
        if _is_title(cells, title):
            return
        yield number, cells
    raise PbError(number + 1, title, "this section is missing")


def _header(rows: Iterator[Row], section: str, *required: str) -> list[str]:
    number, cells = next(rows, (0, [""]))
    columns = [cell.strip() for cell in cells]
    if columns[0] != required[0]:
        raise PbError(number, section, f"the first column must be {required[0]!r}, not {columns[0]!r}")
    for name in required:
        if name not in columns:
            raise PbError(number, section, f"the column {name!r} is missing")
    if len(set(columns)) < len(columns):
        raise PbError(number, section, "a column occurs twice")
    return columns


def _read_meta(rows: Iterator[Row]) -> tuple[dict[str, str], dict[str, int]]:
    for number, cells in _until(rows, "META"):
        raise PbError(number, "META", f"the file must start with this title, not {cells[0]!r}")
    _header(rows, "META", "key", "value")
    meta: dict[str, str] = {}
    places: dict[str, int] = {}
    for number, cells in _until(rows, "PROJECTS"):
        key = cells[0].strip()
        if key in meta:
            raise PbError(number, key, "this key occurs twice")
        meta[key], places[key] = ";".join(cells[1:]).strip(), number
    _check_meta(meta, places)
    return meta, places


def _check_meta(meta: Mapping[str, str], places: Mapping[str, int]) -> None:
    for key in ("budget", "vote_type"):
        if key not in meta:
            raise PbError(max(places.values(), default=1), key, "this key is missing")
    _parsed(places["budget"], "budget", meta["budget"], parse=cents)
    if meta["vote_type"] not in VOTE_TYPES:
        reason = f"{meta['vote_type']!r} is none of {', '.join(VOTE_TYPES)}"
        raise PbError(places["vote_type"], "vote_type", reason)


def _parsed(number: int, field: str, text: str, *, parse: Callable[[str], int]) -> int:
    try:
        return parse(text)
    except ValueError as error:
        raise PbError(number, field, str(error)) from error


def _number(number: int, field: str, text: str) -> int:
    return _parsed(number, field, text, parse=_whole)


def _whole(text: str) -> int:
    """An integer, also written as ``12.0``."""
    whole, _, fraction = text.strip().partition(".")
    if fraction.strip("0") or "_" in whole:
        raise ValueError(f"{text!r} is not a whole number")
    try:
        return int(whole)
    except ValueError:
        raise ValueError(f"{text!r} is not a whole number") from None


def _items(cell: str) -> list[str]:
    return [item.strip() for item in cell.split(",")] if cell.strip() else []


def _read_projects(rows: Iterator[Row]) -> tuple[PbProject, ...]:
    columns = _header(rows, "PROJECTS", "project_id", "cost")
    projects: dict[str, PbProject] = {}
    for number, cells in _until(rows, "VOTES"):
        _check_width(number, columns, cells)
        project = _project(number, dict(zip(columns, map(str.strip, cells), strict=True)))
        if not project.project_id or project.project_id in projects:
            raise PbError(number, "project_id", f"{project.project_id!r} is empty or occurs twice")
        projects[project.project_id] = project
    return tuple(projects.values())


def _check_width(number: int, columns: list[str], cells: list[str]) -> None:
    if len(cells) != len(columns):
        place = columns[min(len(cells), len(columns) - 1)]
        raise PbError(number, place, f"{len(columns)} cells expected, {len(cells)} found")


def _project(number: int, cell: Mapping[str, str]) -> PbProject:
    def optional(field: str) -> int | None:
        return _number(number, field, cell[field]) if cell.get(field) else None

    return PbProject(
        project_id=cell["project_id"],
        cost=_parsed(number, "cost", cell["cost"], parse=cents),
        votes=optional("votes"),
        score=optional("score"),
        name=cell.get("name", ""),
        category=tuple(_items(cell.get("category", ""))),
        selected=optional("selected"),
        extra={column: value for column, value in cell.items() if column not in _PROJECT_FIELDS},
    )


class _Ballots(dict[str, tuple[str, ...]]):
    """Each distinct text in the column ``vote`` with its project ids, checked once for all who share it."""

    def __init__(self, known: Iterable[str]) -> None:
        super().__init__()
        self._known = {project_id: project_id for project_id in known}

    def __missing__(self, cell: str) -> tuple[str, ...]:
        try:
            choices = tuple([self._known[item] for item in _items(cell)])
        except KeyError as error:
            raise ValueError(f"project {error} is not in PROJECTS") from error
        self[cell] = choices
        return choices


class _Points(dict[str, tuple[int, ...]]):
    """Each distinct text in the column ``points`` with its numbers."""

    def __missing__(self, cell: str) -> tuple[int, ...]:
        return self.setdefault(cell, tuple(_whole(item) for item in _items(cell)))


def _read_votes(rows: Iterator[Row], known: set[str], vote_type: str) -> tuple[PbVote, ...]:
    needed = ("points",) if vote_type in POINTS_TYPES else ()
    columns = _header(rows, "VOTES", "voter_id", "vote", *needed)
    at_vote = columns.index("vote")
    at_points = columns.index("points") if "points" in columns else None
    others = [(place, column) for place, column in enumerate(columns) if column not in _VOTE_FIELDS]
    ballots, points = _Ballots(known), _Points()
    votes: dict[str, PbVote] = {}
    for number, cells in rows:
        _check_width(number, columns, cells)
        voter_id = cells[0].strip()
        if not voter_id or voter_id in votes:
            raise PbError(number, "voter_id", f"{voter_id!r} is empty or occurs twice")
        field = "vote"
        try:
            choices = ballots[cells[at_vote]]
            field = "points"
            given = None if at_points is None else points[cells[at_points]]
        except ValueError as error:
            raise PbError(number, field, str(error)) from error
        if given is not None and len(given) != len(choices):
            raise PbError(number, "points", f"{len(given)} numbers for {len(choices)} projects")
        extra = {column: cells[place].strip() for place, column in others}
        votes[voter_id] = PbVote(voter_id, choices, given, extra)
    return tuple(votes.values())
