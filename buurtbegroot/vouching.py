"""What the public log vouches for: the fingerprint of a thing's rows, kept in each line about it; no room and no Flask.

Each room lists beside its tables which rows make up a thing that its events are about (`kind:name`). A line of the log
holds the fingerprint of the thing as it was left; `audit verify` finds what is different by now, whoever changed it
and with whatever program.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, MetaData, Select, Table, bindparam, false, select, true
from sqlalchemy.orm import Session

from buurtbegroot.core.canonical import digest

VOUCHED = "vouched"


@dataclass(frozen=True, kw_only=True)
class Thing:
    """A kind of thing that events are about: how it is named in the log, by which id its rows know it, and which show.

    `public` says which ones everyone may read; the others have no fingerprint, from which they could be guessed.
    """

    kind: str
    name: Any
    id: Any
    public: ColumnElement[bool]

    def find(self, name: str | None = None) -> Select[Any]:
        """Select name and id of all public ones, or of the one with a name."""
        found = select(self.name, self.id).where(self.public)
        if name is None:
            return found
        if self.name.type.python_type is not int:
            return found.where(self.name == name)
        return found.where(self.name == int(name) if name.isdecimal() else false())


@dataclass(frozen=True, kw_only=True)
class Part:
    """Rows of a table that belong to a thing, whose id is in the column `key`; all of them where it is empty.

    `without` names columns that may change with no line in the log, each for a reason in a comment beside it.
    """

    kind: str
    table: Any
    key: str = ""
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    where: ColumnElement[bool] = true()  # noqa: RUF009 - an expression, which nobody changes

    @property
    def columns(self) -> list[str]:
        """The names of the columns that are vouched for."""
        names = self.only or [column.name for column in self.table.columns]
        return [name for name in names if name not in self.without]

    @cached_property
    def all_rows(self) -> Select[Any]:
        """Select those columns, in one order; kept, for every line of the log asks it of many parts."""
        table: Table = self.table
        return select(*(table.c[name] for name in self.columns)).where(self.where).order_by(*table.primary_key)

    @cached_property
    def rows(self) -> Select[Any]:
        """Select the same of the things in the parameter `ids`."""
        return self.all_rows.where(self.table.c[self.key].in_(bindparam("ids", expanding=True)))


def vouch(metadata: MetaData, *vouched: Thing | Part) -> None:
    """Let the log vouch for things, or for more rows of a thing that an earlier room declared."""
    metadata.info.setdefault(VOUCHED, []).extend(vouched)


def things_in(metadata: MetaData) -> list[Thing]:
    """Return the kinds of things that the log vouches for."""
    return [each for each in metadata.info.get(VOUCHED, ()) if isinstance(each, Thing)]


def parts_in(metadata: MetaData) -> list[Part]:
    """Return the rows that the log vouches for."""
    return [each for each in metadata.info.get(VOUCHED, ()) if isinstance(each, Part)]


def state_of(session: Session, metadata: MetaData, object_: str) -> str:
    """Return the fingerprint of the thing that an event is about; empty where the log vouches for nothing."""
    kind, _colon, name = object_.partition(":")
    found = next((thing for thing in things_in(metadata) if thing.kind == kind), None)
    return states_of(session, metadata, found, name=name).get(object_, "") if found else ""


def states_of(session: Session, metadata: MetaData, thing: Thing, *, name: str | None = None) -> dict[str, str]:
    """Return the fingerprints of all public things of a kind, or of the one with a name, by `kind:name`."""
    called = {id_: f"{thing.kind}:{own}" for own, id_ in session.execute(thing.find(name))}
    held: defaultdict[str, dict[str, list[Mapping[str, Any]]]] = defaultdict(dict)
    for part in parts_in(metadata) if called else ():
        if part.kind == thing.kind:
            for object_, row in _rows(session, part, called, name=name):
                held[object_].setdefault(part.table.name, []).append(row)
    return {object_: _fingerprint(held[object_]) for object_ in called.values()}


def _rows(
    session: Session, part: Part, called: Mapping[Any, str], *, name: str | None
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    rows = part.all_rows if name is None or not part.key else part.rows
    for row in session.execute(rows, {"ids": list(called)}).mappings():
        for object_ in [called.get(row[part.key])] if part.key else called.values():
            if object_ is not None:
                yield object_, dict(row)


def _fingerprint(rows: Mapping[str, list[Mapping[str, Any]]]) -> str:
    text = json.dumps(rows, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)
    return digest("v2/audit-state", text.encode()).hex()


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"no way to write {type(value).__name__}")
