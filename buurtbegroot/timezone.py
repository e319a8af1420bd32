"""The one time zone in which people read and write moments; the database keeps them in UTC."""

from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
