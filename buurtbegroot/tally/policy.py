"""Who may do what with a count, and why a step of it is refused."""

from buurtbegroot.acts import By, Fault, System
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.policy import may_manage


class TallyFault(Fault):
    """Why the count cannot go on."""

    NOT_CLOSED = "not_closed"
    NOT_OPENED = "not_opened"
    NOT_COUNTED = "not_counted"
    ALREADY_COUNTED = "already_counted"
    ALREADY_DESTROYED = "already_destroyed"
    BOX_CHANGED = "box_changed"
    RECOUNT_DIFFERS = "recount_differs"
    SEED_DIFFERS = "seed_differs"
    NO_REASON = "no_reason"
    NO_SUCH_COPY = "no_such_copy"


def may_count(by: By, round_: Round) -> bool:
    """Tell whether `by` may count the ballots, once or again: who manages the round, and the commands for it."""
    return isinstance(by, System) or may_manage(by, round_)


def may_open_envelopes(by: By) -> bool:
    """Tell whether `by` may open envelopes: the program alone, which nobody looks over the shoulder of."""
    return isinstance(by, System)


def may_bundle(by: By) -> bool:
    """Tell whether `by` may make the bundle: the program alone."""
    return isinstance(by, System)


def may_explain(by: By) -> bool:
    """Tell whether `by` may keep what would have been enough for a plan that lost: the program, which worked it out."""
    return isinstance(by, System)


def may_note_copies(by: By) -> bool:
    """Tell whether `by` may note who has a copy of the keys: the command for it, of whoever can copy them."""
    return isinstance(by, System)
