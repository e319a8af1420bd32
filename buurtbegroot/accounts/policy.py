"""Who may do what where, from a person's roles and an area's place in the city; nothing is read from the database."""

from collections.abc import Collection

from buurtbegroot.accounts.models import Role, RoleGrant, User
from buurtbegroot.areas.models import CITY, Area


def area_chain(area: Area) -> set[str]:
    """Return the codes of the area itself and of all that it lies in, the city included."""
    return {code for code in (area.code, area.parent_code, area.gebied_code, area.district_code, CITY) if code}


def roles_in(user: User, area: Area) -> set[Role]:
    """Return the roles that the person holds in this area; a visitor without an account holds none."""
    grants: Collection[RoleGrant] = user.grants if user.is_authenticated else ()
    chain = area_chain(area)
    return {grant.role for grant in grants if grant.area_code in chain}


def may_coordinate(user: User, area: Area) -> bool:
    """Tell whether the person may set up and run rounds that belong to this area."""
    return bool(roles_in(user, area) & {Role.COORDINATOR, Role.ADMINISTRATOR})


def may_view_as_staff(user: User, area: Area) -> bool:
    """Tell whether the person may see what is not public yet in this area; who may coordinate there may too."""
    return bool(roles_in(user, area))


def are_independent(one: User, other: User) -> bool:
    """Tell whether two organisers count as two people: different, and neither has only roles that the other gave.

    Else an administrator could give a second mailbox of their own a role and confirm what they asked for themselves.
    """
    return one.id != other.id and not _stands_on(one, other) and not _stands_on(other, one)


def _stands_on(user: User, giver: User) -> bool:
    return bool(user.grants) and all(grant.granted_by == giver.pseudonym for grant in user.grants)
