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


def may_publish_log(by: By) -> bool:
    """Tell whether `by` may publish leaves of a log and sign it: the program alone, whoever makes it do so."""
    return isinstance(by, System)
