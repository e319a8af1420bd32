"""Who may do what with a round; what the round itself allows at this moment is asked of its queries."""

from collections.abc import Iterable

from buurtbegroot.accounts.models import Role, User
from buurtbegroot.accounts.policy import may_coordinate, may_judge_work_of, may_view_as_staff
from buurtbegroot.acts import By
from buurtbegroot.rounds.models import Round


def may_manage(by: By, round_: Round) -> bool:
    """Tell whether `by` coordinates the area that owns the round (administrators do everywhere)."""
    return may_coordinate(by, round_.owner)


def may_publish(by: By, round_: Round, *, makers: Iterable[User]) -> bool:
    """Tell whether `by` may show the round to everyone: who manages it, independent of all who made it as it is."""
    return may_manage(by, round_) and may_judge_work_of(by, makers)


def may_view_setup(by: By, round_: Round) -> bool:
    """Tell whether `by` may read the workplace of the round: who manages it, and staff of its stadsdeel."""
    return may_manage(by, round_) or may_view_as_staff(by, round_.owner)


def may_start_rounds(by: By) -> bool:
    """Tell whether `by` coordinates any area at all."""
    return isinstance(by, User) and any(grant.role in (Role.COORDINATOR, Role.ADMINISTRATOR) for grant in by.grants)
