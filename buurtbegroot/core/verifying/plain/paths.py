"""In the place of `core.tally.paths`: equal shares by plain fractions and integers."""

from buurtbegroot.core.tally.market import Path
from buurtbegroot.core.tally.shares_reference import ReferencePath


def fastest_path() -> Path:
    """Return the only way that needs no library."""
    return ReferencePath()
