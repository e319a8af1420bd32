"""Who may change what the log says; everyone may read it."""

from buurtbegroot.acts import By, is_administrator


def may_erase(by: By) -> bool:
    """Tell whether `by` may erase what an entry says; that a second administrator agrees is asked elsewhere."""
    return is_administrator(by)
