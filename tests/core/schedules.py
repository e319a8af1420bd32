"""Windows of rounds for tests, in days from the first of January 2026."""

from datetime import UTC, datetime, timedelta

from buurtbegroot.core.phases import Phase, Window

START = datetime(2026, 1, 1, tzinfo=UTC)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def window(phase: Phase, begins: int, ends: int) -> Window:
    return Window(phase, day(begins), day(ends))
