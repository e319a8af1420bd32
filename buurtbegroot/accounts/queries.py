"""Reading people, sign-in links and what is kept of somebody; nothing here writes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, CompoundSelect, Select, case, false, func, or_, select, true, union
from sqlalchemy.orm import Session

from buurtbegroot.accounts.domain import hash_token
from buurtbegroot.accounts.models import HeldForm, Role, RoleGrant, SignInLink, User, UserSession
from buurtbegroot.accounts.policy import area_chain
from buurtbegroot.areas.domain.folding import fold
from buurtbegroot.areas.models import Area
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.dual_control.models import DualRequest
from buurtbegroot.dual_control.queries import entries_since
from buurtbegroot.rooms import Kept, Subject


def user_by_email(session: Session, email: str) -> User | None:
    """Return the account of a normalised e-mail address."""
    return session.scalar(select(User).where(User.email == email))


def open_link(session: Session, token: str, *, now: datetime) -> SignInLink | None:
    """Return the link of a token that can still be used, without using it."""
    found = session.get(SignInLink, hash_token(token))
    return found if found and found.expires_at > now else None


def sessions_of(session: Session, user: User, *, now: datetime) -> list[UserSession]:
    """Return the signed-in browsers of the person, the newest first."""
    open_ = select(UserSession).where(UserSession.user_id == user.id, UserSession.expires_at > now)
    return list(session.scalars(open_.order_by(UserSession.created_at.desc(), UserSession.token_hash)))


def users_by_pseudonym(session: Session, pseudonyms: Collection[str]) -> dict[str, User]:
    """Return the accounts that the log knows by these names."""
    found = session.scalars(select(User).where(User.pseudonym.in_(pseudonyms)))
    return {user.pseudonym: user for user in found}


def users_by_id(session: Session, ids: Collection[int]) -> dict[int, User]:
    """Return these accounts by id."""
    return {user.id: user for user in session.scalars(select(User).where(User.id.in_(ids)))}


class Changer(NamedTuple):
    """Who changed something, by the entry of the log that tells so; `name` is empty for residents and the system."""

    name: str
    entry: AuditEntry


def changers_since(session: Session, request: DualRequest, objects: Collection[str]) -> dict[str, Changer]:
    """Return who last changed each of these objects after a request for an act by two people."""
    found = entries_since(session, request, objects)
    people = users_by_pseudonym(session, [entry.actor for entry in found.values() if entry.role in set(Role)])
    names = {pseudonym: user.name or pseudonym for pseudonym, user in people.items()}
    return {about: Changer(names.get(entry.actor, ""), entry) for about, entry in found.items()}


def names_of(session: Session, ids: Collection[int]) -> dict[int, str]:
    """Return how a page calls these people, by id."""
    rows = select(User.id, User.name, User.pseudonym).where(User.id.in_(ids))
    return {user_id: name or pseudonym for user_id, name, pseudonym in session.execute(rows)}


def administrators(session: Session) -> Sequence[User]:
    """Return everybody who may do everything everywhere."""
    return _with_roles(session, RoleGrant.role == Role.ADMINISTRATOR)


def coordinators_of(session: Session, area: Area) -> Sequence[User]:
    """Return everybody who may set up and run rounds that belong to this area, administrators too."""
    roles = RoleGrant.role.in_((Role.COORDINATOR, Role.ADMINISTRATOR))
    return _with_roles(session, roles & RoleGrant.area_code.in_(area_chain(area)))


def not_independent_of(by: User) -> CompoundSelect[int]:
    """Return the SELECT of the ids of all whose work this person may not judge, as `policy.are_independent` says it."""
    from_others = func.sum(case((RoleGrant.granted_by.in_((by.pseudonym, User.pseudonym)), 0), else_=1))
    stand_on_them = select(RoleGrant.user_id).join(User, User.id == RoleGrant.user_id).group_by(RoleGrant.user_id)
    givers = {grant.granted_by for grant in by.grants} - {by.pseudonym}
    on_nobody = not by.grants or len(givers) > 1
    on_themselves = bool(by.grants) and not givers  # then they are independent of nobody
    stood_on = true() if on_themselves else false() if on_nobody else User.pseudonym.in_(givers)
    return union(
        select(User.id).where(User.id == by.id),
        select(User.id).where(stood_on),
        stand_on_them.having(from_others == 0),
    )


def _with_roles(session: Session, held: ColumnElement[bool]) -> Sequence[User]:
    holders = select(RoleGrant.user_id).where(held)
    people = select(User).where(User.id.in_(holders), User.deleted_at.is_(None))
    return session.scalars(people.order_by(User.name, User.id)).all()


def people_matching(text: str) -> Select[User]:
    """Select the accounts whose name or address holds the text, organisers or not, by name."""
    wanted = text.strip().lower()[:254]
    people = select(User).where(User.deleted_at.is_(None))
    if wanted:
        columns = (func.lower(User.name), User.email)
        people = people.where(or_(*(column.contains(wanted, autoescape=True) for column in columns)))
    return people.order_by(func.lower(User.name), User.email, User.id)


def areas_called(session: Session, text: str) -> list[Area]:
    """Return the area with this code, or else all current areas with this name, the largest first."""
    if by_code := session.get(Area, text.strip().upper()[:14]):
        return [by_code]
    named = select(Area).where(Area.search == fold(text.strip()[:120]), Area.is_current)
    return list(session.scalars(named.order_by(func.length(Area.code), Area.code)))


def own_data(session: Session, subject: Subject, kept: Iterable[Kept]) -> dict[str, object]:
    """Return all that the rooms keep of a person, as plain JSON, each thing under its name."""
    return {each.name: each.give(session, subject) for each in kept if each.give}


def still_there(session: Session, people: Iterable[User]) -> Sequence[User]:
    """Return whose accounts are there, freshly read; those do not end before this transaction does.

    Whoever mails somebody in another's request asks this first: else a mail could outlive its account.
    """
    there = select(User).where(User.id.in_({one.id for one in people}), User.deleted_at.is_(None)).order_by(User.id)
    locked = there.with_for_update(read=True, key_share=True, of=User)
    return session.scalars(locked.execution_options(populate_existing=True)).all()


def subject_of(user: User, settings: Mapping[str, Any] | None = None) -> Subject:
    """Return the person as every room can know them; with the settings of the site to ask what is kept of them."""
    return Subject(user_id=user.id, email=user.email, person=user, settings=settings or {})


def own_account(session: Session, subject: Subject) -> object:
    """Return what accounts keep of a person; not the secret of the authenticator, which is sealed."""
    user = session.get_one(User, subject.user_id)
    signed_in = session.scalars(select(UserSession).where(UserSession.user_id == user.id))
    links = session.scalars(select(SignInLink).where(SignInLink.email == user.email))
    held = session.get(HeldForm, user.id)
    given = session.scalars(select(RoleGrant).where(RoleGrant.granted_by == user.pseudonym).order_by(RoleGrant.user_id))
    return {
        "email": user.email,
        "name": user.name,
        "language": user.language,
        "pseudonym": user.pseudonym,
        "created_at": user.created_at.isoformat(),
        "may_publish_since": user.may_publish_at.isoformat() if user.may_publish_at else None,
        "second_factor": bool(user.totp_secret),
        "roles": [
            {"role": grant.role.value, "area": grant.area_code, "given_by": grant.granted_by} for grant in user.grants
        ],
        "roles_given": [{"role": grant.role.value, "area": grant.area_code} for grant in given],
        "signed_in_browsers": [
            {"since": each.created_at.isoformat(), "until": each.expires_at.isoformat(), "device": each.device}
            for each in signed_in
        ],
        "mailed_links": [{"until": link.expires_at.isoformat(), "leads_to": link.next_path} for link in links],
        "unsent_form": {"page": held.path, "fields": held.fields} if held else None,
    }
