"""The data sets, and reading their rows: in batches, in one snapshot, as far as a choice wants them; nothing writes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from itertools import islice
from pkgutil import iter_modules
from typing import Any, NamedTuple

from sqlalchemy import Select, func, literal, select
from sqlalchemy.orm import Session

from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.box.queries import off_ballot
from buurtbegroot.datasets.domain.description import Choice, DataSet, Field
from buurtbegroot.datasets.queries.scope import BEGAN, with_names, year_of
from buurtbegroot.memo import Memo
from buurtbegroot.rounds.models import Round
from buurtbegroot.tables.columns import Batch, Cell, in_batches
from buurtbegroot.tables.files import FORMS, FileForm, Told
from buurtbegroot.tables.spelling import in_words
from buurtbegroot.texts import Text, long_datetime
from buurtbegroot.texts import gettext as _
from buurtbegroot.texts import lazy_gettext as _l

LICENCE = _l("CC0: vrij te gebruiken. De teksten van plannen en reacties zijn van de makers: CC BY 4.0.")
FIRST = 6
AT_ONCE = 1_000
"""Rows that are held at a time."""


def _found() -> dict[str, DataSet]:
    """Return every data set that a module of this package describes, in their order."""
    modules = (import_module(f"{__name__}.{each.name}") for each in iter_modules(__path__))
    sets: list[DataSet] = [module.DATA_SET for module in modules if hasattr(module, "DATA_SET")]
    return {each.name: each for each in sorted(sets, key=lambda one: one.order)}


DATA_SETS: Mapping[str, DataSet] = _found()


def file_called(filename: str) -> tuple[DataSet, FileForm] | None:
    """Return of which data set a file is, and in which form; None when there is no such file."""
    data_set = next(
        (each for each in DATA_SETS.values() if filename.startswith((f"{each.name}.", f"{each.name}-"))), None
    )
    form = FORMS.get(filename.removeprefix(data_set.name)) if data_set else None
    return (data_set, form) if data_set and form and (data_set.place or not form.needs_places) else None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is read: a data set, the choice of its rows and columns, at which moment.

    `off_ballot` are the plans, by id, that the trusted values took off an open ballot.
    """

    data_set: DataSet
    choice: Choice = field(default_factory=Choice)
    now: datetime
    off_ballot: frozenset[int] = frozenset()

    @property
    def columns(self) -> tuple[Field, ...]:
        """The columns that are wanted."""
        return self.data_set.chosen(self.choice)

    @property
    def values(self) -> dict[str, Any]:
        """What its statements are given."""
        return {"now": self.now, "off_ballot": sorted(self.off_ballot)}


def ask(session: Session, data_set: DataSet, choice: Choice, *, config: Mapping[str, Any], now: datetime) -> Asked:
    """Return what is read of a data set at this moment, with the plans that the trusted values took off a ballot."""
    opened = session.scalars(select(Round.id).where(Round.opened_at.is_not(None)))
    return Asked(data_set=data_set, choice=choice, now=now, off_ballot=off_ballot(config, opened))


def batches_of(
    session: Session, asked: Asked, *, columns: Sequence[Field] = (), most: int | None = None
) -> Iterator[Batch]:
    """Yield the rows, or the first so many, in batches, column by column; those of `columns`, or else of the choice."""
    wanted, read = tuple(columns) or asked.columns, _told if asked.data_set.tell else _selected
    return read(session, asked, wanted, most=most)


def rows_of(session: Session, asked: Asked) -> Iterator[Sequence[Cell]]:
    """Yield the rows one by one."""
    return (row for batch in batches_of(session, asked) for row in zip(*batch, strict=True))


def told(session: Session, asked: Asked, *, url: str) -> Told:
    """Return the table as its files tell it; `url` is where the newest of it is. Read it in one snapshot."""
    data_set, place = asked.data_set, asked.data_set.place
    degrees = tuple(data_set.by_name[name] for name in place) if place else ()

    def read(with_places: bool) -> Iterator[Batch]:
        return batches_of(session, asked, columns=(*asked.columns, *degrees) if with_places else asked.columns)

    return Told(
        name=data_set.name,
        title=str(data_set.title),
        about=str(data_set.about),
        columns=with_names(session, asked.columns),
        read=read,
        has_places=bool(place),
        facts=_facts(asked, url),
        made_at=stamped(asked.now),
    )


def _facts(asked: Asked, url: str) -> dict[str, str]:
    data_set = asked.data_set
    absent = {_("Niet in dit bestand"): " ".join(str(words) for _icon, words in data_set.absent)}
    hidden = {_("Verborgen"): str(data_set.hides)} if data_set.hides else {}
    about = f"{data_set.title}. {data_set.about}"
    return facts_of_file(about, url=url, now=asked.now, divides=data_set.divides, more=absent | hidden)


def facts_of_file(
    about: str, *, url: str, now: datetime, divides: Text | None = None, more: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return what a file says of itself, for people: what, when, of where, and `more`; how its money is divided."""
    return {
        _("Gegevens"): about,
        _("Gemaakt op"): long_datetime(now),
        _("De nieuwste"): url,
        _("Lege vakjes"): _("Leeg betekent: niet bekend, of niet openbaar. Dat is geen nul."),
        **(more or {}),
        **({_("Zo is het geld verdeeld"): str(divides)} if divides else {}),
        _("Licentie"): str(LICENCE),
    }


def stamped(now: datetime) -> str:
    """Return when a file is made, by ISO 8601."""
    return now.astimezone(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True)
class Preview:
    """What comes out of a choice: how many rows, the sums of columns that add up, and the first rows.

    A sum is None when no row has a figure. `columns` are those of the rows; each cell is its words, None when unknown,
    and the language in which somebody wrote them, if any is known.
    """

    number: int
    columns: Sequence[Field]
    sums: Sequence[tuple[Field, str | None]]
    rows: Sequence[Sequence[tuple[str | None, str]]]


class _Totals(NamedTuple):
    """How many rows there are, and the sums of the columns that add up."""

    number: int
    sums: Sequence[int | None]


_totals_of = Memo[_Totals](500)
_numbers_of = Memo[Mapping[str, int]](100)
_rows_of = Memo[list[Sequence[Any]]](100)


def preview(session: Session, asked: Asked, columns: Sequence[Field]) -> Preview:
    """Return what a page shows before a file is made, with these columns; a sum is of what is known and shown.

    Figures are remembered until the minute is over or something is added to the log, whatever comes first.
    """
    adding, key = [each for each in asked.columns if each.adds], _key(session, asked)
    number, sums = _totals_of.get(key, lambda: _totals(session, asked, adding))
    same = (*key, *(each.name for each in columns)) if key and asked.data_set.is_steady else None
    rows = _rows_of.get(same, lambda: _first_rows(session, asked, columns))
    return Preview(
        number,
        columns,
        [(each, in_words(each, total)) for each, total in zip(adding, sums, strict=True)],
        _in_words(with_names(session, columns) if rows else (), rows),
    )


def _key(session: Session, asked: Asked) -> tuple[Any, ...] | None:
    """Return what the figures of a data set follow from; None without any log. Only people's support is not in it."""
    last = session.scalar(select(AuditEntry.hash).order_by(AuditEntry.seq.desc()).limit(1))
    minute = asked.now.replace(second=0, microsecond=0)
    return (last, minute, asked.data_set.name, asked.choice, asked.off_ballot) if last else None


def _totals(session: Session, asked: Asked, adding: Sequence[Field]) -> _Totals:
    if asked.data_set.tell:
        return _added(batches_of(session, asked, columns=(*adding, asked.data_set.fields[0])), len(adding))
    parts = [part.label(each.name) for each in adding for part in each.of]
    rows = _source(asked).order_by(None).with_only_columns(literal(1).label("one"), *parts, maintain_column_froms=True)
    each_row = rows.subquery()
    figures = select(func.count(), *(func.sum(each_row.c[each.name]) for each in adding)).select_from(each_row)
    number, *sums = session.execute(figures, asked.values).one()
    return _Totals(number, [None if total is None else int(total) for total in sums])


def _added(batches: Iterable[Batch], width: int) -> _Totals:
    number = 0
    sums: list[int | None] = [None] * width
    for *figures, last in batches:
        number += len(last)
        for place, cells in enumerate(figures):
            known = [cell for cell in cells if isinstance(cell, int)]
            if known:
                sums[place] = (sums[place] or 0) + sum(known)
    return _Totals(number, sums)


def _first_rows(session: Session, asked: Asked, columns: Sequence[Field]) -> list[Sequence[Any]]:
    """Return the first rows: the cells of the wanted columns, and then the languages in which they are written."""
    wanted = (*columns, *(asked.data_set.by_name[name] for name in _languages(columns)))
    batch: Batch = next(batches_of(session, asked, columns=wanted, most=FIRST), ())
    return list(zip(*batch, strict=True))


def _languages(columns: Sequence[Field]) -> Sequence[str]:
    return list(dict.fromkeys(each.language for each in columns if each.language))


def _in_words(columns: Sequence[Field], rows: Iterable[Sequence[Any]]) -> list[list[tuple[str | None, str]]]:
    found, names = [], _languages(columns)
    for row in rows:
        spoken = {"": "", **dict(zip(names, (str(code or "") for code in row[len(columns) :]), strict=True))}
        cells = zip(columns, row, strict=False)
        found.append([(in_words(each, cell), spoken[each.language]) for each, cell in cells])
    return found


def years_of_rounds(session: Session) -> Sequence[int]:
    """Return the years of all public rounds, the first first."""
    moments = session.scalars(select(BEGAN).select_from(Round).where(Round.published_at.is_not(None)).distinct())
    return sorted({year for moment in moments if (year := year_of(moment))})


def count_of(session: Session, asked: Asked) -> int:
    """Return how many rows there are, remembered as a preview is."""
    key = _key(session, asked)
    return _totals_of.get(key and (*key, "number"), lambda: _totals(session, asked, ())).number


def count_by_code(session: Session, asked: Asked, name: str) -> Mapping[str, int]:
    """Return how many rows have each code of a column, which stands for one expression; remembered likewise."""
    key = _key(session, asked)
    return _numbers_of.get(key and (*key, name), lambda: _count_by_code(session, asked, name))


def _count_by_code(session: Session, asked: Asked, name: str) -> Mapping[str, int]:
    (code,) = asked.data_set.by_name[name].of
    rows = _source(asked).order_by(None).with_only_columns(code.label("code"), maintain_column_froms=True).subquery()
    found = session.execute(select(rows.c.code, func.count()).group_by(rows.c.code), asked.values)
    return {str(code): number for code, number in found if code is not None}


def _source(asked: Asked) -> Select[Any]:
    return asked.data_set.source.where(*asked.data_set.within(asked.choice))


def _selected(session: Session, asked: Asked, wanted: Sequence[Field], *, most: int | None) -> Iterator[Batch]:
    """Yield the batches of a data set that is a statement; each expression is selected once."""
    places: dict[int, int] = {}
    parts = [part for each in wanted for part in each.of]
    for part in parts:
        places.setdefault(id(part), len(places))
    once = {places[id(part)]: part for part in parts}
    labelled = [once[place].label(f"part_{place}") for place in range(len(once))]
    found = session.execute(
        _source(asked).with_only_columns(*labelled, maintain_column_froms=True).limit(most),
        asked.values,
        execution_options={"yield_per": AT_ONCE},
    )
    with found:
        for rows in found.partitions(AT_ONCE):
            cells = list(zip(*rows, strict=True))
            yield [_made(each, [cells[places[id(part)]] for part in each.of]) for each in wanted]


def _made(column: Field, values: Sequence[Sequence[Any]]) -> Sequence[Cell]:
    if column.made is None:
        return values[0]
    if len(values) > 1:
        return list(map(column.made, *values))
    return [None if value is None else column.made(value) for value in values[0]]


def _told(session: Session, asked: Asked, wanted: Sequence[Field], *, most: int | None) -> Iterator[Batch]:
    data_set = asked.data_set
    assert data_set.tell is not None
    places = [data_set.fields.index(each) for each in wanted]
    found = session.execute(_source(asked), asked.values, execution_options={"yield_per": AT_ONCE})
    rows = islice(data_set.tell(session, found), most)
    for batch in in_batches(rows, len(data_set.fields), AT_ONCE):
        yield [batch[place] for place in places]
