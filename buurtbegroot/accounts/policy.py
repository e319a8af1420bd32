"""Who may do what where, from a person's roles and an area's place in the city; nothing is read from the database."""

from collections.abc import Iterable

from buurtbegroot.accounts.domain import claims_office
from buurtbegroot.accounts.models import Role, User
from buurtbegroot.acts import Anyone, By, System, is_administrator
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


def is_self(by: By, user: User) -> bool:
    """Tell whether `by` is the owner of the account: name, devices, second factor and its end are nobody else's."""
    return isinstance(by, User) and by.id == user.id


def may_sign_in(by: By) -> bool:
    """Tell whether `by` may ask for a link and use it: whoever is not known yet."""
    return isinstance(by, Anyone)


def may_keep_people(by: By) -> bool:
    """Tell whether `by` may take roles away, sign others out and let go of a lost authenticator."""
    return is_administrator(by)


def may_give_roles(by: By) -> bool:
    """Tell whether `by` may add somebody and give a role: an administrator, or the command that makes the first one."""
    return isinstance(by, System) or is_administrator(by)


def may_be_called(by: By, name: str) -> bool:
    """Tell whether `by` may sign with this name: only who has a role may speak as, or for, who decides."""
    return (isinstance(by, User) and by.is_organiser) or not claims_office(name)


def may_sign(by: By, name: str, area: Area) -> bool:
    """Tell whether `by` may sign with this name what is about an area: one of an office is for who has a role there."""
    return bool(roles_in(by, area)) or not claims_office(name)


def are_independent(one: User, other: User) -> bool:
    """Tell whether two organisers count as two people: different, and neither has only roles that the other gave.

    Else an administrator could give a second mailbox of their own a role and confirm what they asked for themselves.
    What somebody gave to themselves counts for nothing.
    """
    return one.id != other.id and not _stands_on(one, other) and not _stands_on(other, one)


def may_judge_work_of(by: By, makers: Iterable[User]) -> bool:
    """Tell whether `by` may decide alone on what these people made: only who is independent of each of them.

    Every room asks this before somebody decides without a second person.
    """
    return all(isinstance(by, User) and are_independent(by, maker) for maker in makers)


def _stands_on(user: User, giver: User) -> bool:
    return bool(user.grants) and {grant.granted_by for grant in user.grants} <= {giver.pseudonym, user.pseudonym}
