"""Who may tell organisers what waits for them."""

from buurtbegroot.acts import By, System


def may_tell(by: By) -> bool:
    """Tell whether `by` may: the program alone, by itself."""
    return isinstance(by, System)
