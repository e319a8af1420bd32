"""Who may do what where, from a person's roles and an area's place in the city; nothing is read from the database."""

from buurtbegroot.accounts.models import Role, User
from buurtbegroot.acts import By
from buurtbegroot.areas.models import CITY, Area


def area_chain(area: Area) -> set[str]:
    """Return the codes of the area itself and of all that it lies in, the city included."""
    return {code for code in (area.code, area.parent_code, area.gebied_code, area.district_code, CITY) if code}


def roles_in(by: By, area: Area) -> set[Role]:
    """Return the roles that a person holds in this area; the program and a visitor hold none."""
    chain = area_chain(area)
    return {grant.role for grant in by.grants if grant.area_code in chain} if isinstance(by, User) else set()


def may_coordinate(by: By, area: Area) -> bool:
    """Tell whether `by` may set up and run rounds that belong to this area."""
    return bool(roles_in(by, area) & {Role.COORDINATOR, Role.ADMINISTRATOR})


def may_view_as_staff(by: By, area: Area) -> bool:
    """Tell whether `by` may see what is not public yet in this area; who may coordinate there may too."""
    return bool(roles_in(by, area))


def are_independent(one: User, other: User) -> bool:
    """Tell whether two organisers count as two people: different, and neither has only roles that the other gave.

    Else an administrator could give a second mailbox of their own a role and confirm what they asked for themselves.
    """
    return one.id != other.id and not _stands_on(one, other) and not _stands_on(other, one)


def _stands_on(user: User, giver: User) -> bool:
    return bool(user.grants) and all(grant.granted_by == giver.pseudonym for grant in user.grants)
