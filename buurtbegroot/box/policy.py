"""Who may do what with a ballot box; whether a code may vote is asked elsewhere, before a ballot comes here."""

from buurtbegroot.acts import Anyone, By, System
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.policy import may_manage


def may_vote(by: By) -> bool:
    """Tell whether `by` may cast a ballot and see its receipt: nobody who is known; a code says the rest."""
    return isinstance(by, Anyone)


def may_make_keys(by: By, round_: Round) -> bool:
    """Tell whether `by` may make the keys of a vote: who manages the round, and the commands for it."""
    return isinstance(by, System) or may_manage(by, round_)


def may_seal(by: By) -> bool:
    """Tell whether `by` may bind a box to what lies in it: the program alone, which does it every night."""
    return isinstance(by, System)
