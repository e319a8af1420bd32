"""Who may say how many people live where; everyone may ask about money."""

from buurtbegroot.accounts.models import User
from buurtbegroot.accounts.policy import roles_in
from buurtbegroot.acts import By, System
from buurtbegroot.areas.models import Area, Level

OWNERS = (Level.CITY, Level.DISTRICT)
"""The levels for which there is a file of inhabitants."""


def may_load_population(by: By, area: Area) -> bool:
    """Tell whether `by` may load the inhabitants of the city or a stadsdeel: who has a role there, or a command."""
    return area.level in OWNERS and (isinstance(by, System) or bool(roles_in(by, area)))


def may_load_some(by: By) -> bool:
    """Tell whether `by` may load the inhabitants of any area."""
    return isinstance(by, User) and any(may_load_population(by, grant.area) for grant in by.grants)
