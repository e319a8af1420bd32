"""Signing in by link, second factors, roles and the end of an account; browsers and their sessions live elsewhere."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from buurtbegroot.accounts.domain import Vault, hash_token, new_token, step_of
from buurtbegroot.accounts.dual_acts import ERASE_PAYLOAD, RESET_SECOND_FACTOR, person_key
from buurtbegroot.accounts.events import (
    RoleGranted,
    RoleRevoked,
    SecondFactorEnrolled,
    SecondFactorReset,
    SessionsEnded,
)
from buurtbegroot.accounts.models import HeldForm, Role, RoleGrant, SignInLink, User, UserSession
from buurtbegroot.accounts.policy import is_self, may_be_called, may_give_roles, may_keep_people, may_sign_in
from buurtbegroot.accounts.queries import subject_of, user_by_email
from buurtbegroot.acts import Anyone, By, Fault, RefusedError, System, insist, require
from buurtbegroot.areas.models import CITY, Area
from buurtbegroot.audit.actions import record
from buurtbegroot.audit.events import PayloadErased
from buurtbegroot.audit.models import AuditEntry, AuditPayload
from buurtbegroot.database import lock_as_seen
from buurtbegroot.dual_control.actions import confirm_act
from buurtbegroot.mail.actions import enqueue_mail
from buurtbegroot.mail.models import OutboxMail
from buurtbegroot.rooms import Kept, Subject, erases
from buurtbegroot.work.queue import ask_to_purge


class AccountFault(Fault):
    """Why somebody does not come in or an account stays as it is.

    LINK_GONE: the link was used, has expired, or never was. LAST_ADMINISTRATOR: nobody would be left who can give
    roles. OWN_ROLE: nobody gives a role to themselves. STILL_ORGANISER: who has a role must hand it over before the
    account goes. CLAIMS_OFFICE: somebody without a role signs as if they had one. MAILBOX_FULL: links were mailed
    there that nobody used yet. MANY_ACCOUNTS: this network made many accounts. NO_CONSENT: nobody said yet that this
    person is old enough to write where everyone reads it.
    """

    LINK_GONE = "link_gone"
    LAST_ADMINISTRATOR = "last_administrator"
    OWN_ROLE = "own_role"
    STILL_ORGANISER = "still_organiser"
    CLAIMS_OFFICE = "claims_office"
    MAILBOX_FULL = "mailbox_full"
    MANY_ACCOUNTS = "many_accounts"
    NO_CONSENT = "no_consent"


class LinkGoneError(RefusedError):
    """The link signs nobody in; answered as a page that is gone."""

    status = 410

    def __init__(self) -> None:
        super().__init__(AccountFault.LINK_GONE)


@dataclass(frozen=True)
class SignIn:
    """Who came in by a link, whether for the first time, and where to go from there."""

    user: User
    is_new: bool
    next_path: str = ""


@dataclass(frozen=True, kw_only=True)
class LinkRequest:
    """Who asks to sign in: a normalised address, the language of the page, and a path of this site or ""."""

    email: str
    language: str
    next_path: str = ""


def request_sign_in(
    session: Session,
    asked: LinkRequest,
    *,
    link_for: Callable[[str], str],
    minutes: int,
    by: Anyone,
    now: datetime,
) -> None:
    """Mail a link that signs in once within `minutes`; `link_for` turns its token into a full address.

    Does the same for known and unknown addresses, so that nobody learns who has an account.
    """
    require(may_sign_in(by))
    _forget_expired(session, now=now)
    known, token = user_by_email(session, asked.email), new_token()
    session.add(
        SignInLink(
            token_hash=hash_token(token),
            email=asked.email,
            next_path=asked.next_path,
            expires_at=now + timedelta(minutes=minutes),
        )
    )
    enqueue_mail(
        session,
        recipient=asked.email,
        template="sign_in",
        values={"link": link_for(token), "minutes": minutes},
        language=known.language if known else asked.language,
        now=now,
    )


def _forget_expired(session: Session, *, now: datetime) -> None:
    session.execute(delete(SignInLink).where(SignInLink.expires_at <= now))
    session.execute(delete(UserSession).where(UserSession.expires_at <= now))
    session.execute(delete(HeldForm).where(HeldForm.expires_at <= now))


def redeem_sign_in(session: Session, token: str, *, language: str, by: Anyone, now: datetime) -> SignIn:
    """Use up a link and return who it signs in, a new resident when the address was unknown; raise LinkGoneError."""
    require(may_sign_in(by))
    used = session.execute(
        delete(SignInLink)
        .where(SignInLink.token_hash == hash_token(token), SignInLink.expires_at > now)
        .returning(SignInLink.email, SignInLink.next_path)
    ).first()
    if used is None:
        raise LinkGoneError
    found = let_in(session, used.email, language=language, by=by, now=now)
    return replace(found, next_path=used.next_path)


def let_in(session: Session, email: str, *, language: str, by: Anyone, now: datetime) -> SignIn:
    """Return who has this mailbox, a new resident when it was unknown; for who just showed that they read its mail."""
    require(may_sign_in(by))
    is_new = user_by_email(session, email) is None
    return SignIn(user=_find_or_add(session, email, language=language, now=now), is_new=is_new)


def allow_publishing(session: Session, user: User, *, by: User, now: datetime) -> None:
    """Keep that the person is old enough to publish, alone or with a parent's consent; their age is never kept."""
    require(is_self(by, user), hidden=True)
    unsaid = (User.id == user.id, User.may_publish_at.is_(None))
    session.execute(update(User).where(*unsaid).values(may_publish_at=now))


def keep_first_name(session: Session, user: User, name: str, *, by: User) -> None:
    """Let a resident without a name be called as they sign for the first time: forms then begin with it.

    A name that is there stays. An organiser chooses the own name: colleagues know them by it. Raises RefusedError.
    """
    require(is_self(by, user), hidden=True)
    insist(may_be_called(by, name), AccountFault.CLAIMS_OFFICE)
    if name and not user.is_organiser:
        unnamed = (User.id == user.id, User.name == "")
        session.execute(update(User).where(*unnamed).values(name=name, version=User.version + 1))


def find_or_add_user(session: Session, email: str, *, language: str, by: User | System, now: datetime) -> User:
    """Return the account of a normalised address, made now and without roles when there was none."""
    require(may_give_roles(by), hidden=True)
    return _find_or_add(session, email, language=language, now=now)


def _find_or_add(session: Session, email: str, *, language: str, now: datetime) -> User:
    if known := user_by_email(session, email):
        return known
    user = User(email=email, language=language, pseudonym=secrets.token_hex(8), created_at=now, grants=[])
    try:
        with session.begin_nested():
            session.add(user)
    except IntegrityError:  # the same address came in by another link in this very moment
        return session.scalars(select(User).where(User.email == email)).one()
    return user


@dataclass(frozen=True, kw_only=True)
class Proof:
    """An authenticator that is being tied: its secret in base32, and the code that it shows."""

    secret: str = field(repr=False)
    code: str


def enrol_second_factor(session: Session, user: User, proof: Proof, *, vault: Vault, by: User, now: datetime) -> bool:
    """Tie an authenticator to the account when the code proves that it holds the secret; tell whether it does.

    Signs the person out everywhere: whoever came in by the mailbox alone has to show the new code as well.
    """
    require(is_self(by, user), hidden=True)
    step = step_of(proof.secret, proof.code, now=now)
    if user.totp_secret or step is None:
        return False
    user.totp_secret, user.totp_last_step = vault.seal(proof.secret, owner=user.pseudonym), step
    _end_sessions(session, user)
    record(session, SecondFactorEnrolled(object=person_key(user)), by=by, now=now)
    return True


def pass_second_factor(session: Session, user: User, *, code: str, vault: Vault, by: User, now: datetime) -> bool:
    """Tell whether the code is good now, and see to it that neither it nor an older one ever is again.

    Raises VaultError when the secret cannot be read.
    """
    require(is_self(by, user), hidden=True)
    secret = vault.open(user.totp_secret, owner=user.pseudonym) if user.totp_secret else ""
    step = step_of(secret, code, now=now) if secret else None
    if step is None:
        return False
    taken = update(User).where(User.id == user.id, User.totp_last_step < step).values(totp_last_step=step)
    return session.execute(taken.returning(User.id)).first() is not None


def confirm_reset(session: Session, user: User, *, seen: str, by: User, now: datetime) -> None:
    """Take the authenticator off an account as the second administrator, and sign it out everywhere.

    The next sign-in ties a new one. Raises RefusedError with a DualFault.
    """
    confirm_act(session, RESET_SECOND_FACTOR, user, seen=seen, by=by, now=now)
    user.totp_secret, user.totp_last_step = "", 0
    _end_sessions(session, user)
    record(session, SecondFactorReset(object=person_key(user)), by=by, now=now)


def confirm_erasure(session: Session, entry: AuditEntry, *, seen: str, by: User, now: datetime) -> None:
    """Erase what an entry of the log says beyond its headline as the second administrator, for good.

    The chain stays whole and says who erased it and why. Raises RefusedError with a DualFault.
    """
    agreed = confirm_act(session, ERASE_PAYLOAD, entry, seen=seen, by=by, now=now)
    session.execute(delete(AuditPayload).where(AuditPayload.seq == entry.seq))
    record(session, PayloadErased(object=f"log:{entry.seq}", seq=entry.seq, reason=agreed.reason), by=by, now=now)
    ask_to_purge(session, now=now)


def end_session_of(session: Session, user: User, token_hash: str, *, by: User) -> bool:
    """End one session of the person; tell whether there was such a one."""
    require(is_self(by, user), hidden=True)
    mine = delete(UserSession).where(UserSession.user_id == user.id, UserSession.token_hash == token_hash)
    return session.execute(mine.returning(UserSession.token_hash)).first() is not None


def sign_out_by_administrator(session: Session, user: User, *, by: User, now: datetime) -> None:
    """End every session of somebody else."""
    require(may_keep_people(by), hidden=True)
    _end_sessions(session, user)
    record(session, SessionsEnded(object=person_key(user)), by=by, now=now)


def sign_out_everywhere(session: Session, user: User, *, by: User) -> None:
    """End every session of one's own, on every device."""
    require(is_self(by, user), hidden=True)
    _end_sessions(session, user)


def _end_sessions(session: Session, user: User) -> None:
    session.execute(delete(UserSession).where(UserSession.user_id == user.id))


def grant_role(
    session: Session, user: User, *, seen: int, role: Role, area: Area, by: User | System, now: datetime
) -> None:
    """Give a role in an area and all within it, and mail who got it; an administrator always is one of the whole city.

    Having the role there already is no fault and writes no line in the log. Raises RefusedError when somebody gives a
    role to themselves, ChangedSinceError when the person is not of the version that the giver saw.
    """
    require(may_give_roles(by), hidden=True)
    insist(not is_self(by, user), AccountFault.OWN_ROLE)
    lock_as_seen(session, user, seen=seen)
    where = session.get_one(Area, CITY) if role is Role.ADMINISTRATOR else area
    if any(grant.role is role and grant.area_code == where.code for grant in user.grants):
        return
    user.grants.append(RoleGrant(role=role, area=where, area_code=where.code, granted_by=by.actor.pseudonym))
    event = RoleGranted(object=person_key(user), role=role.value, area_code=where.code, area_name=where.name)
    record(session, event, by=by, now=now)
    values, language = {"role": role.value, "area_name": where.name}, user.language
    enqueue_mail(session, recipient=user.email, template="accounts_role", values=values, language=language, now=now)


def revoke_role(session: Session, grant: RoleGrant, *, seen: int, by: User, now: datetime) -> None:
    """Take a role away, at once in every session; raise RefusedError when nobody else could give it back.

    Raises ChangedSinceError when the person is not of the version that the taker saw.
    """
    require(may_keep_people(by), hidden=True)
    lock_as_seen(session, grant.user, seen=seen)
    if grant.role is Role.ADMINISTRATOR:
        # locked, so that two administrators cannot take it from each other in the same moment
        left = session.scalars(select(RoleGrant.user_id).where(RoleGrant.role == grant.role).with_for_update()).all()
        insist(len(left) > 1, AccountFault.LAST_ADMINISTRATOR)
    user, area = grant.user, grant.area
    event = RoleRevoked(object=person_key(user), role=grant.role.value, area_code=area.code, area_name=area.name)
    user.grants.remove(grant)
    session.flush()
    record(session, event, by=by, now=now)


def update_profile(session: Session, user: User, *, seen: int, name: str, language: str, by: User) -> None:
    """Change how somebody is called and spoken to; nobody else's business, so not in the log.

    Raises ChangedSinceError when the account is not of the version that its page showed.
    """
    require(is_self(by, user), hidden=True)
    insist(may_be_called(by, name), AccountFault.CLAIMS_OFFICE)
    lock_as_seen(session, user, seen=seen)
    user.name, user.language = name, language
    session.flush()


def delete_account(session: Session, user: User, *, kept: Iterable[Kept], by: By, now: datetime) -> None:
    """Let every room erase what it keeps of a person, for good; public plans stay; raise RefusedError.

    What the log says under the pseudonym stays too: from now on nothing leads from there to a person.
    """
    session.refresh(user, with_for_update={"of": User})  # nothing comes beside it that would be left behind
    subject = subject_of(user)
    require(user.deleted_at is None and erases(by, subject), hidden=True)
    insist(not user.is_organiser, AccountFault.STILL_ORGANISER)
    for each in kept:
        if each.erase:
            each.erase(session, subject, by=by, now=now)
    ask_to_purge(session, now=now)


def erase_account(session: Session, subject: Subject, *, by: By, now: datetime) -> None:
    """Empty an account and sign it out everywhere; its row stays, so that what others rely on stays whole."""
    require(erases(by, subject))
    user = session.get_one(User, subject.user_id)
    session.execute(delete(SignInLink).where(SignInLink.email == user.email))
    session.execute(delete(HeldForm).where(HeldForm.user_id == user.id))
    _end_sessions(session, user)
    _take_out_of_mail(session, user)
    user.email, user.name, user.language = f"{user.pseudonym}@deleted.invalid", "", ""
    user.totp_secret, user.totp_last_step, user.may_publish_at, user.deleted_at = "", 0, None, now
    session.flush()


def _take_out_of_mail(session: Session, user: User) -> None:
    """Let mail to others that is not sent yet call somebody by the pseudonym."""
    called = [name for name in (user.name, user.email) if name]
    for mail in session.scalars(select(OutboxMail).where(OutboxMail.sent_at.is_(None)).with_for_update()):
        if any(said in called for said in mail.values.values()):
            mail.values = {key: user.pseudonym if said in called else said for key, said in mail.values.items()}
