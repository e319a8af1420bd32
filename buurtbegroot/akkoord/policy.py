"""Who may change the accord; everyone may read it."""

from buurtbegroot.acts import By, System, is_administrator


def may_load_accord(by: By) -> bool:
    """Tell whether `by` may bring the editions in line with what comes with the program: a command, never a person."""
    return isinstance(by, System)


def may_keep_accord(by: By) -> bool:
    """Tell whether `by` may write the plan of a point and record its status and figures."""
    return is_administrator(by)
