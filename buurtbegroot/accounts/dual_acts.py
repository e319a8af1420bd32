"""What only two administrators do together: wiping a second factor, and erasing what an entry of the log says."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.accounts.policy import are_independent, may_keep_people
from buurtbegroot.accounts.queries import administrators, still_there, users_by_id, users_by_pseudonym
from buurtbegroot.acts import By
from buurtbegroot.audit.models import AuditEntry, AuditPayload
from buurtbegroot.dual_control.domain import Shown
from buurtbegroot.dual_control.policy import Act, People, declare
from buurtbegroot.texts import lazy_gettext as _l

ORGANISERS = People(
    by_id=lambda session, user_id: session.get_one(User, user_id),
    all_by_id=users_by_id,
    still_there=lambda session, user_id: next(iter(still_there(session, [session.get_one(User, user_id)])), None),
    are_independent=are_independent,
)
LARGEST_SEQ = 2**63 - 1


@dataclass(frozen=True, kw_only=True)
class HeldRole:
    """A role and the area in which somebody has it, by name."""

    role: str
    area: str


@dataclass(frozen=True, kw_only=True)
class PhoneLost(Shown):
    """Whose second factor would be wiped."""

    pseudonym: str
    name: str
    email: str
    roles: tuple[HeldRole, ...]
    has_authenticator: bool


@dataclass(frozen=True, kw_only=True)
class LineToErase(Shown):
    """Which entry would say no more than its headline; never what it says, since this record is kept."""

    seq: int
    action: str
    object: str
    payload_commitment: str
    is_erased: bool


def person_key(user: User) -> str:
    """Return how requests and the log name a person who is the object of an act."""
    return f"person:{user.pseudonym}"


def _phone_lost(_session: Session, user: User) -> PhoneLost:
    roles = sorted((grant.role.value, grant.area.name) for grant in user.grants)
    return PhoneLost(
        subject=user.name or user.email,
        pseudonym=user.pseudonym,
        name=user.name,
        email=user.email,
        roles=tuple(HeldRole(role=role, area=area) for role, area in roles),
        has_authenticator=bool(user.totp_secret),
    )


def _line_to_erase(session: Session, entry: AuditEntry) -> LineToErase:
    return LineToErase(
        subject=str(entry.seq),
        seq=entry.seq,
        action=entry.action,
        object=entry.object,
        payload_commitment=entry.payload_commitment,
        is_erased=not _has_payload(session, entry),
    )


def _has_payload(session: Session, entry: AuditEntry) -> bool:
    return session.scalar(select(AuditPayload.seq).where(AuditPayload.seq == entry.seq)) is not None


def _lock_user(session: Session, user: User) -> User:
    found = select(User).where(User.id == user.id).with_for_update(of=User, key_share=True)
    return session.execute(found.execution_options(populate_existing=True)).scalar_one()


def _find_users(session: Session, keys: Collection[str]) -> dict[str, User]:
    found = users_by_pseudonym(session, [key.removeprefix("person:") for key in keys])
    return {person_key(user): user for user in found.values() if user.deleted_at is None}


def _find_entries(session: Session, keys: Collection[str]) -> dict[str, AuditEntry]:
    numbers = [key.removeprefix("log:") for key in keys]
    wanted = [int(text) for text in numbers if text.isdecimal() and int(text) <= LARGEST_SEQ]
    found = session.scalars(select(AuditEntry).where(AuditEntry.seq.in_(wanted)))
    return {f"log:{entry.seq}": entry for entry in found}


def _may_keep(by: By, _thing: object) -> bool:
    return may_keep_people(by)


def _is_tied(_session: Session, user: User, _now: datetime) -> bool:
    return bool(user.totp_secret)


RESET_SECOND_FACTOR = declare(
    Act[User](
        name="reset_second_factor",
        to_do=_l("de tweede stap van een organisator te wissen"),
        title=_l("%(subject)s: wis de tweede stap"),
        people_known=ORGANISERS,
        key=person_key,
        about=lambda user: {"object": person_key(user)},
        find=_find_users,
        lock=_lock_user,
        shown=_phone_lost,
        is_possible=_is_tied,
        may_ask=_may_keep,
        may_confirm=_may_keep,
        people=lambda session, _user: administrators(session),
        path=lambda _user: "/werkplek/mensen/met-twee-mensen",
    )
)
ERASE_PAYLOAD = declare(
    Act[AuditEntry](
        name="erase_payload",
        to_do=_l("de gegevens van een regel te wissen"),
        title=_l("Regel %(subject)s: wis de gegevens"),
        people_known=ORGANISERS,
        key=lambda entry: f"log:{entry.seq}",
        about=lambda entry: {"object": f"log:{entry.seq}"},
        find=_find_entries,
        lock=lambda _session, entry: entry,
        shown=_line_to_erase,
        is_possible=lambda session, entry, _now: _has_payload(session, entry),
        may_ask=_may_keep,
        may_confirm=_may_keep,
        people=lambda session, _entry: administrators(session),
        path=lambda _entry: "/werkplek/mensen/met-twee-mensen",
    )
)
