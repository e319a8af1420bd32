"""Who may change the map; everyone may read it."""

from buurtbegroot.acts import By, System


def may_load_areas(by: By) -> bool:
    """Tell whether `by` may bring areas and postcodes in line with a file: a command, never a person from a page."""
    return isinstance(by, System)
