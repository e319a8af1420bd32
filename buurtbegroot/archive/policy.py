"""Who may bring rounds of the past in, and why it is not done."""

from buurtbegroot.acts import By, Fault, is_administrator


class ArchiveFault(Fault):
    """Why no round comes of a file. ALREADY: it was brought in before."""

    ALREADY = "already"


def may_bring_in(by: By) -> bool:
    """Tell whether `by` may bring in what other people decided long ago: administrators only."""
    return is_administrator(by)
