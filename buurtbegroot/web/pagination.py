"""Pages of rows: every list on the site goes through here, so none grows without a limit."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask import request
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

Row = TypeVar("Row")
LAST_PAGE = 10_000
ORDER = "orde"  # the name in an address of the number of a shuffled order
SHUFFLES = 64  # shuffled orders that there are: enough for a fair chance, few enough to keep


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows of a longer list: `number` counts from 1, `total` is the length of the whole list."""

    rows: Sequence[Row]
    number: int
    size: int
    total: int

    @property
    def last(self) -> int:
        """The number of the last page, at least 1."""
        return max(1, -(-self.total // self.size))

    @property
    def seen(self) -> int:
        """How many rows this page and those before it hold."""
        return min(self.number * self.size, self.total)


def page_number() -> int:
    """Read the page number from the address; anything unreadable is page 1."""
    text = request.args.get("pagina", "1")
    return min(max(int(text), 1), LAST_PAGE) if text.isascii() and text.isdigit() and len(text) < 9 else 1


def shuffle_number() -> int:
    """Read from the address which shuffled order its pages are in; an address that does not say so gets any."""
    text = request.args.get(ORDER, "")
    is_one = text.isascii() and text.isdigit() and len(text) < 3 and 1 <= int(text) <= SHUFFLES
    return int(text) if is_one else 1 + secrets.randbelow(SHUFFLES)


def paginate(session: Session, rows: Select[Any], *, number: int, size: int = 24) -> Page[Any]:
    """Return one page of a select of one entity, in two queries."""
    total = session.scalar(select(func.count()).select_from(rows.order_by(None).subquery())) or 0
    found = session.scalars(rows.limit(size).offset((number - 1) * size)).all()
    return Page(rows=found, number=number, size=size, total=total)


def slice_page(rows: Sequence[Row], *, number: int, size: int = 24) -> Page[Row]:
    """Return one page of rows that are in memory already."""
    return Page(rows=rows[(number - 1) * size : number * size], number=number, size=size, total=len(rows))
