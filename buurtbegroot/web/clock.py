"""The one place where the web asks what time it is; everything below is told."""

from datetime import UTC, datetime

from flask import current_app


def now() -> datetime:
    """Return this moment in UTC, or what the setting CLOCK says (a callable, for tests)."""
    clock = current_app.config.get("CLOCK")
    moment: datetime = clock() if clock else datetime.now(UTC)
    return moment
