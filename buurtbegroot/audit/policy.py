"""Who may change what the log says; everyone may read it."""

from buurtbegroot.acts import Anyone, By, is_administrator


def may_be_named(by: By) -> bool:
    """Tell whether a line of the log may be about what `by` did: never about a visitor, who is nobody to it."""
    return not isinstance(by, Anyone)


def may_erase(by: By) -> bool:
    """Tell whether `by` may erase what an entry says; that a second administrator agrees is asked elsewhere."""
    return is_administrator(by)
