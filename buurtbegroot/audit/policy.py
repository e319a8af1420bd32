"""About whom the log may speak; everyone may read it."""

from buurtbegroot.acts import Anyone, By


def may_be_named(by: By) -> bool:
    """Tell whether a line of the log may be about what `by` did: never about a visitor, who is nobody to it."""
    return not isinstance(by, Anyone)
