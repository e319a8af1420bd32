"""Who may do what with the codes of a vote; what a code may do is asked of the queries."""

from buurtbegroot.accounts.models import User
from buurtbegroot.acts import By, System
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.policy import may_manage


def may_draw_code(by: By) -> bool:
    """Tell whether `by` may draw a code from an account pool: anybody with an account, whose address was mailed to."""
    return isinstance(by, User)


def may_issue_codes(by: By, round_: Round) -> bool:
    """Tell whether `by` may make the codes of a vote: who manages the round, and the commands for it."""
    return isinstance(by, System) or may_manage(by, round_)
