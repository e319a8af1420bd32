"""Acts that two administrators do together, beyond the steps of a round: one asks, another one does it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from buurtbegroot.accounts.actions import reset_second_factor
from buurtbegroot.accounts.events import KeyActConfirmed, KeyActRequested, KeyRequestWithdrawn
from buurtbegroot.accounts.models import KeyAct, KeyRequest, User
from buurtbegroot.accounts.policy import are_independent, may_keep_people
from buurtbegroot.accounts.queries import key_request, user_by_pseudonym
from buurtbegroot.acts import Fault, RefusedError, require
from buurtbegroot.audit.actions import erase_payload, record
from buurtbegroot.audit.models import AuditEntry


class KeyActFault(Fault):
    """Why a key act is refused."""

    NOT_REQUESTED = "not_requested"
    ALREADY_REQUESTED = "already_requested"
    SAME_PERSON = "same_person"
    NOT_INDEPENDENT = "not_independent"
    NOTHING_LEFT = "nothing_left"


class KeyActRefusedError(RefusedError):
    """The act is not done; `fault` says why."""


def request_key_act(session: Session, act: KeyAct, object_: str, *, reason: str, by: User, now: datetime) -> KeyRequest:
    """Ask for an act on an object of the log (`person:pseudonym`, `log:seq`); raises KeyActRefusedError."""
    require(may_keep_people(by), hidden=True)
    _require(key_request(session, act, object_) is None, KeyActFault.ALREADY_REQUESTED)
    asked = KeyRequest(act=act, object=object_, reason=reason, requested_by_id=by.id, requested_at=now)
    try:
        with session.begin_nested():
            session.add(asked)
    except IntegrityError:  # somebody else asked for the same in this very moment
        raise KeyActRefusedError(KeyActFault.ALREADY_REQUESTED) from None
    record(session, KeyActRequested(object=object_, act=act.value), by=by, now=now)
    return asked


def withdraw_key_act(session: Session, act: KeyAct, object_: str, *, by: User, now: datetime) -> None:
    """Take a request back; raises KeyActRefusedError when there is none."""
    require(may_keep_people(by), hidden=True)
    session.delete(_locked(session, act, object_))
    session.flush()
    record(session, KeyRequestWithdrawn(object=object_, act=act.value), by=by, now=now)


def confirm_key_act(session: Session, act: KeyAct, object_: str, *, by: User, now: datetime) -> None:
    """Do what another administrator asked for; of two who confirm at once one is refused; raises KeyActRefusedError."""
    require(may_keep_people(by), hidden=True)
    asked = _locked(session, act, object_)
    _require(asked.requested_by_id != by.id, KeyActFault.SAME_PERSON)
    _require(are_independent(asked.requested_by, by), KeyActFault.NOT_INDEPENDENT)
    record(session, KeyActConfirmed(object=object_, act=act.value), by=by, now=now)
    _perform(session, asked, by=by, now=now)
    session.delete(asked)
    session.flush()


def _perform(session: Session, asked: KeyRequest, *, by: User, now: datetime) -> None:
    name = asked.object.partition(":")[2]
    if asked.act is KeyAct.RESET_SECOND_FACTOR:
        user = user_by_pseudonym(session, name)
        if user is None or not user.totp_secret:
            raise KeyActRefusedError(KeyActFault.NOTHING_LEFT)
        reset_second_factor(session, user, by=by, now=now)
        return
    entry = session.get_one(AuditEntry, int(name))
    _require(entry.details is not None, KeyActFault.NOTHING_LEFT)
    erase_payload(session, entry, reason=asked.reason, by=by, now=now)


def _locked(session: Session, act: KeyAct, object_: str) -> KeyRequest:
    wanted = (
        select(KeyRequest).where(KeyRequest.act == act, KeyRequest.object == object_).with_for_update(of=KeyRequest)
    )
    found = session.scalar(wanted)
    if found is None:
        raise KeyActRefusedError(KeyActFault.NOT_REQUESTED)
    return found


def _require(holds: bool, fault: KeyActFault) -> None:
    if not holds:
        raise KeyActRefusedError(fault)
