"""About whom the log may speak and who signs it; everyone may read it."""

from buurtbegroot.acts import Anyone, By, System


def may_be_named(by: By) -> bool:
    """Tell whether a line of the log may be about what `by` did: never about a visitor, who is nobody to it."""
    return not isinstance(by, Anyone)


def may_sign(by: By) -> bool:
    """Tell whether the log may be signed now: when the program itself sees that it is time."""
    return isinstance(by, System)


def may_put_back(by: By) -> bool:
    """Tell whether signed entries that are gone may be put back: by the program, whose room decides when."""
    return isinstance(by, System)


def may_cosign(by: By) -> bool:
    """Tell whether a signature may be brought: by a visitor, since it speaks for itself."""
    return isinstance(by, Anyone)
