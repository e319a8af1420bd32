"""The one time zone in which people read and write moments; the database keeps them in UTC."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def local_date(moment: datetime) -> date:
    """Return the day in Amsterdam on which a moment falls."""
    return moment.astimezone(AMSTERDAM).date()
