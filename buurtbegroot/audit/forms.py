"""What a visitor can ask of the log, read from the address."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from buurtbegroot import typed
from buurtbegroot.audit.queries import LogFilter
from buurtbegroot.timezone import AMSTERDAM

FIRST_YEAR, LAST_YEAR = 2000, 2100
POINT_DIGITS = 3


def read_filter(arguments: Mapping[str, str]) -> tuple[LogFilter, set[str]]:
    """Return the filter of an address and the names of the arguments that could not be understood."""
    unclear: set[str] = set()
    wanted = LogFilter(
        kind=_text(arguments, "soort"),
        object=_text(arguments, "over"),
        role=_text(arguments, "rol"),
        point=_number(arguments, "punt", unclear),
        begins_at=_midnight(arguments, "van", unclear),
        ends_at=_midnight(arguments, "tot", unclear, days_later=1),
    )
    return wanted, unclear


def _text(arguments: Mapping[str, str], name: str) -> str:
    return typed.one_line(arguments.get(name, ""))[:80]


def _number(arguments: Mapping[str, str], name: str, unclear: set[str]) -> int | None:
    text = arguments.get(name, "").strip()
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) <= POINT_DIGITS:
        return int(text)
    unclear.add(name)
    return None


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
