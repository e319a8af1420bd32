"""Reading people, sign-in links and what is kept of somebody; nothing here writes."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.domain import hash_token
from buurtbegroot.accounts.models import HeldForm, KeyAct, KeyRequest, SignInLink, User, UserSession
from buurtbegroot.areas.domain.folding import fold
from buurtbegroot.areas.models import Area
from buurtbegroot.audit.models import AuditEntry


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


def user_by_pseudonym(session: Session, pseudonym: str) -> User | None:
    """Return the account that the log knows by this name, unless it was deleted."""
    return session.scalar(select(User).where(User.pseudonym == pseudonym, User.deleted_at.is_(None)))


def users_by_pseudonym(session: Session, pseudonyms: Collection[str]) -> dict[str, User]:
    """Return the accounts that the log knows by these names."""
    found = session.scalars(select(User).where(User.pseudonym.in_(pseudonyms)))
    return {user.pseudonym: user for user in found}


def open_key_requests(session: Session) -> list[KeyRequest]:
    """Return what administrators asked of each other, the oldest first."""
    return list(session.scalars(select(KeyRequest).order_by(KeyRequest.requested_at, KeyRequest.object)))


def key_request(session: Session, act: KeyAct, object_: str) -> KeyRequest | None:
    """Return the open request for an act on an object of the log."""
    return session.get(KeyRequest, (act, object_))


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


def own_data(session: Session, user: User) -> dict[str, Any]:
    """Return all that accounts and the log keep of a person, as plain JSON."""
    signed_in = session.scalars(select(UserSession).where(UserSession.user_id == user.id))
    held = session.get(HeldForm, user.id)
    logged = session.scalars(select(AuditEntry).where(AuditEntry.actor == user.pseudonym).order_by(AuditEntry.seq))
    return {
        "email": user.email,
        "name": user.name,
        "language": user.language,
        "pseudonym": user.pseudonym,
        "created_at": user.created_at.isoformat(),
        "second_factor": bool(user.totp_secret),
        "roles": [{"role": grant.role.value, "area": grant.area_code} for grant in user.grants],
        "signed_in_browsers": [
            {"since": each.created_at.isoformat(), "until": each.expires_at.isoformat(), "device": each.device}
            for each in signed_in
        ],
        "unsent_form": {"page": held.path, "fields": held.fields} if held else None,
        "log": [
            {"seq": entry.seq, "minute": entry.minute.isoformat(), "action": entry.action, "object": entry.object}
            for entry in logged
        ],
    }
