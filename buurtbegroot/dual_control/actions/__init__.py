"""Asking for an act, confirming it as a second person, and taking it back; `lapsing` is how it ends by itself."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from buurtbegroot.acts import By, Fault, Person, RefusedError, System, insist, require
from buurtbegroot.audit.actions import record
from buurtbegroot.dual_control.actions.lapsing import lapse_if_outdated, tell_asker
from buurtbegroot.dual_control.domain import plain_of
from buurtbegroot.dual_control.events import Confirmed, Requested, Withdrawn
from buurtbegroot.dual_control.models import DualRequest, State
from buurtbegroot.dual_control.policy import (
    Act,
    Thing,
    may_confirm,
    may_request,
    may_withdraw,
    organiser,
)
from buurtbegroot.dual_control.queries import (
    current_fingerprint,
    is_agreed,
    is_as_asked,
    last_request,
    requests_about,
    second_people,
)
from buurtbegroot.mail.actions import enqueue_mail
from buurtbegroot.rooms import Subject, erases


class DualFault(Fault):
    """Why an act that needs two people is refused."""

    NOT_NOW = "not_now"
    NOT_REQUESTED = "not_requested"
    ALREADY_REQUESTED = "already_requested"
    ALREADY_CONFIRMED = "already_confirmed"
    SAME_PERSON = "same_person"
    NOT_INDEPENDENT = "not_independent"
    CHANGED = "changed"
    NOT_SEEN = "not_seen"


OUTDATED = frozenset({DualFault.CHANGED, DualFault.NOT_SEEN})
"""The refusals after which the page shows what is different from what was on it."""


def request_act(
    session: Session,
    act: Act[Thing],
    thing: Thing,
    *,
    seen: str | None = None,
    by: Person,
    now: datetime,
    reason: str = "",
) -> DualRequest:
    """Ask for an act and mail everybody who may confirm it; an open request that is outdated lapses first.

    `seen` is the fingerprint of what the page showed, None where who asks is shown nothing that can change. Raises
    RefusedError with a DualFault.
    """
    require(may_request(by, act, thing), hidden=True)
    thing = act.lock(session, thing)
    _clear_the_way(session, act, thing, by=by, now=now)
    found = last_request(session, act.name, act.key(thing))
    was_done = found is not None and found.state is State.CONFIRMED
    insist(
        act.is_possible(session, thing, now),
        DualFault.ALREADY_CONFIRMED if was_done else DualFault.NOT_NOW,
    )
    request = _add(session, act, thing, by=by, now=now, reason=reason)
    insist(seen in {None, request.fingerprint}, DualFault.NOT_SEEN)
    entry = record(session, Requested(**act.about(thing), act=act.name), by=by, now=now)
    request.entry = entry.seq
    session.flush()
    _tell_second_people(session, act, thing, request=request, by=by, now=now)
    return request


def confirm_act(
    session: Session, act: Act[Thing], thing: Thing, *, seen: str, by: Person, now: datetime
) -> DualRequest:
    """Agree, as a second person, to what another one asked; `seen` is the fingerprint of what the page showed.

    Of two who confirm at once one is refused. Whoever calls this does the act in the same transaction. Raises
    RefusedError with a DualFault.
    """
    require(may_confirm(by, act, thing), hidden=True)
    thing = act.lock(session, thing)
    request, second = _lock_open(session, act, thing), organiser(by)
    first = act.people_known.by_id(session, request.requested_by_id)
    insist(first.id != second.id, DualFault.SAME_PERSON)
    insist(act.people_known.are_independent(first, second), DualFault.NOT_INDEPENDENT)
    insist(act.is_possible(session, thing, now), DualFault.NOT_NOW)
    insist(is_as_asked(session, act, thing, request=request), DualFault.CHANGED)
    insist(seen == request.fingerprint, DualFault.NOT_SEEN)
    request.state, request.ended_by_id, request.ended_at = State.CONFIRMED, second.id, now
    session.flush()
    record(session, Confirmed(**act.about(thing), act=act.name), by=by, now=now)
    return request


def withdraw_request(
    session: Session, act: Act[Thing], thing: Thing, *, by: Person, now: datetime, reason: str = ""
) -> None:
    """Take a request back, or turn it down as the second person, with a reason, which its asker is told by mail.

    Raises RefusedError.
    """
    require(may_withdraw(by, act, thing), hidden=True)
    request = _lock_open(session, act, act.lock(session, thing))
    request.state, request.ended_by_id, request.ended_at = State.WITHDRAWN, organiser(by).id, now
    request.ended_reason = reason
    session.flush()
    record(session, Withdrawn(**act.about(thing), act=act.name), by=by, now=now)
    if request.ended_by_id != request.requested_by_id:
        tell_asker(session, act, thing, request=request, now=now)


def require_consent(session: Session, act: str, key: str) -> None:
    """Raise RefusedError unless two people agreed on the act; the act itself asks this before it does anything."""
    insist(is_agreed(session, act, key), DualFault.NOT_REQUESTED)


def erase_shown(session: Session, subject: Subject, *, by: By, now: datetime) -> None:  # noqa: ARG001 - a hook
    """Erase what requests about a person showed of them."""
    require(erases(by, subject))
    about = DualRequest.object == f"person:{subject.person.actor.pseudonym}"
    session.execute(update(DualRequest).where(about).values(shown={}, reason="", ended_reason=""))


def _clear_the_way(session: Session, act: Act[Thing], thing: Thing, *, by: Person | System, now: datetime) -> None:
    found = last_request(session, act.name, act.key(thing))
    if found is not None and found.state is State.OPEN:
        lapse_if_outdated(session, act, found, by=by, now=now)
        insist(found.state is not State.OPEN, DualFault.ALREADY_REQUESTED)


def _add(session: Session, act: Act[Thing], thing: Thing, *, by: Person, now: datetime, reason: str) -> DualRequest:
    shown = act.shown(session, thing)
    request = DualRequest(
        act=act.name,
        object=act.key(thing),
        fingerprint=current_fingerprint(act, thing, shown=shown, reason=reason),
        shown=plain_of(shown),
        reason=reason,
        until=act.until(thing, now),
        requested_by_id=organiser(by).id,
        requested_at=now,
    )
    try:
        with session.begin_nested():
            session.add(request)
    except IntegrityError:  # somebody else asked for the same in this very moment
        raise RefusedError(DualFault.ALREADY_REQUESTED) from None
    return request


def _lock_open(session: Session, act: Act[Thing], thing: Thing) -> DualRequest:
    rows = requests_about(act.name, act.key(thing)).limit(1).with_for_update()
    found = session.scalars(rows.execution_options(populate_existing=True)).first()
    if found is None or found.state is State.WITHDRAWN:
        raise RefusedError(DualFault.NOT_REQUESTED)
    insist(found.state is not State.LAPSED, DualFault.CHANGED)
    insist(found.state is not State.EXPIRED, DualFault.NOT_NOW)
    insist(found.state is State.OPEN, DualFault.ALREADY_CONFIRMED)
    return found


def _tell_second_people(
    session: Session, act: Act[Thing], thing: Thing, *, request: DualRequest, by: Person, now: datetime
) -> None:
    asker = organiser(by)
    values = {
        "act": act.name,
        "path": act.path(thing),
        "until": request.until.isoformat() if request.until else "",
    }
    for person in second_people(session, act, thing, asker=asker):
        enqueue_mail(
            session,
            recipient=person.email,
            template="dual_control_request",
            values=values,
            language=person.language,
            now=now,
        )
