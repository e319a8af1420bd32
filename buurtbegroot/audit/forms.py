"""What a visitor can ask of the log, read from the address."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from flask_babel import lazy_gettext as _l

from buurtbegroot import typed
from buurtbegroot.audit.queries import LogFilter
from buurtbegroot.timezone import AMSTERDAM
from buurtbegroot.web.fields import Form, LongText, at_most, required

FIRST_YEAR, LAST_YEAR = 2000, 2100
POINT_DIGITS = 3
SIZE_DIGITS = 18
LONGEST_NOTE = 4_000


class CosignForm(Form):
    """A checkpoint with the signature of a witness, as the command or another program wrote it."""

    note = LongText(
        _l("Getekend meetpunt"),
        validators=[required(_l("Plak hier het meetpunt met de handtekening.")), at_most(LONGEST_NOTE)],
    )

    @property
    def text(self) -> str:
        """The note, whose last line ends as all others."""
        return f"{self.note.data}\n"


def read_sizes(arguments: Mapping[str, str]) -> tuple[int, int] | None:
    """Return the two sizes of an address, or None when one is no number."""
    texts = [arguments.get(name, "") for name in ("van", "tot")]
    if all(text.isascii() and text.isdigit() and len(text) <= SIZE_DIGITS for text in texts):
        return int(texts[0]), int(texts[1])
    return None


def read_filter(arguments: Mapping[str, str]) -> tuple[LogFilter, set[str]]:
    """Return the filter of an address and the names of the arguments that could not be understood."""
    unclear: set[str] = set()
    wanted = LogFilter(
        kind=_text(arguments, "soort"),
        object=_text(arguments, "over"),
        role=_text(arguments, "rol"),
        point=_point(arguments, "punt", unclear),
        begins_at=_midnight(arguments, "van", unclear),
        ends_at=_midnight(arguments, "tot", unclear, days_later=1),
    )
    return wanted, unclear


def _text(arguments: Mapping[str, str], name: str) -> str:
    return typed.one_line(arguments.get(name, ""))[:80]


def _point(arguments: Mapping[str, str], name: str, unclear: set[str]) -> str:
    text = _text(arguments, name)
    number = text.rpartition("_")[2]
    if not text or (number.isascii() and number.isdigit() and len(number) <= POINT_DIGITS):
        return text
    unclear.add(name)
    return ""


def _midnight(arguments: Mapping[str, str], name: str, unclear: set[str], *, days_later: int = 0) -> datetime | None:
    """Read a day as the moment that it begins in Amsterdam."""
    text = arguments.get(name, "").strip()
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        unclear.add(name)
        return None
    return datetime.combine(day + timedelta(days=days_later), time.min, tzinfo=AMSTERDAM)
