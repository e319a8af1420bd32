"""What a table is made of: columns with their words, and batches of cells; where the cells come from is not known."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from buurtbegroot.texts import Text
from buurtbegroot.texts import lazy_gettext as _l


class Kind(StrEnum):
    """What the cells of a column are.

    EUROS are whole cents, PERCENT a Decimal of hundred, DEGREES a float (WGS84), MOMENT an aware datetime, CODES and
    NUMBERS tuples. Anything may be None: not known.
    """

    TEXT = "tekst"
    NUMBER = "getal"
    EUROS = "euro"
    PERCENT = "procent"
    DEGREES = "graden"
    YES_NO = "ja-nee"
    MOMENT = "moment"
    DAY = "dag"
    CODE = "code"
    CODES = "codes"
    NUMBERS = "getallen"


Cell = str | int | float | bool | Decimal | datetime | date | tuple[str, ...] | tuple[int, ...] | None
Batch = Sequence[Sequence[Cell]]
"""Some rows, column by column: for each column of the table a list of its cells."""

KIND_WORDS: Mapping[Kind, Text] = {
    Kind.TEXT: _l("tekst"),
    Kind.NUMBER: _l("geheel getal"),
    Kind.EUROS: _l("euro"),
    Kind.PERCENT: _l("procent"),
    Kind.DEGREES: _l("graden (WGS84)"),
    Kind.YES_NO: _l("ja of nee"),
    Kind.MOMENT: _l("dag en tijd"),
    Kind.DAY: _l("dag"),
    Kind.CODE: _l("code"),
    Kind.CODES: _l("lijst van codes"),
    Kind.NUMBERS: _l("lijst van getallen"),
}
FIGURES = frozenset({Kind.NUMBER, Kind.EUROS, Kind.PERCENT, Kind.DEGREES})


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: its name for programs, its head for people and what is in it.

    `codes` gives words to the codes of an enumeration, `names` a name to other codes, of areas or rounds: files for
    people have those in the place of the codes. `adds` says that a sum over the rows means something.
    """

    name: str
    kind: Kind
    head: Text
    about: Text
    codes: Mapping[str, Text] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    adds: bool = False

    def called(self, code: object) -> str:
        """Return what people read for a code: its words or name, or else the code itself."""
        plain = str(code)
        return str(self.codes.get(plain) or self.names.get(plain, plain))


def in_batches(rows: Iterable[Sequence[Cell]], width: int, size: int = 1_000) -> Iterator[Batch]:
    """Yield rows of so many cells as batches; none at all for no rows."""
    some: list[Sequence[Cell]] = []
    for row in rows:
        some.append(row)
        if len(some) == size:
            yield list(zip(*some, strict=True))
            some = []
    if some:
        assert len(some[0]) == width
        yield list(zip(*some, strict=True))
