"""Who may do what with a count; what comes first is asked of the count itself."""

from buurtbegroot.acts import By, System
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.policy import may_manage


def may_count(by: By, round_: Round) -> bool:
    """Tell whether `by` may count the ballots, once or again: who manages the round, and the commands for it."""
    return isinstance(by, System) or may_manage(by, round_)


def may_open_envelopes(by: By) -> bool:
    """Tell whether `by` may open envelopes: the program alone, which nobody looks over the shoulder of."""
    return isinstance(by, System)


def may_explain(by: By) -> bool:
    """Tell whether `by` may keep what would have been enough for a plan that lost: the program, which worked it out."""
    return isinstance(by, System)
