"""Who may do what with a round; what the round itself allows at this moment is asked of its queries."""

from buurtbegroot.accounts.models import Role, User
from buurtbegroot.accounts.policy import may_coordinate, may_view_as_staff
from buurtbegroot.rounds.models import Round


def may_manage(user: User, round_: Round) -> bool:
    """Tell whether this person coordinates the area that owns the round (administrators do everywhere)."""
    return may_coordinate(user, round_.owner)


def may_view_setup(user: User, round_: Round) -> bool:
    """Tell whether this person may read the workplace of the round: who manages it, and staff of its stadsdeel."""
    return may_manage(user, round_) or may_view_as_staff(user, round_.owner)


def may_start_rounds(user: User) -> bool:
    """Tell whether this person coordinates any area at all."""
    return any(grant.role in (Role.COORDINATOR, Role.ADMINISTRATOR) for grant in user.grants)
