"""Letting a request end by itself: what it is about changed, its asker may not ask any more, or its time is over."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.acts import Person, System, require
from buurtbegroot.audit.actions import on_record, record
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.dual_control.domain import differences, plain_of
from buurtbegroot.dual_control.events import Expired, Lapsed
from buurtbegroot.dual_control.models import DualRequest, State
from buurtbegroot.dual_control.policy import Act, as_person, declared_acts, may_end, may_request
from buurtbegroot.dual_control.queries import is_as_asked, open_requests
from buurtbegroot.mail.actions import enqueue_mail


def lapse_outdated(session: Session, entry: AuditEntry, *, by: Person | System, now: datetime) -> None:
    """End the open requests whose thing was changed by what an entry of the log tells; called for every entry."""
    if entry.action.startswith("dual_control."):  # asking changes nothing of what it is about
        return
    for request in open_requests(session):
        if act := declared_acts().get(request.act):
            lapse_if_outdated(session, act, request, by=by, now=now, cause=entry.seq)


on_record(lapse_outdated)


def end_due(session: Session, *, by: System, now: datetime) -> None:
    """End the open requests that nobody can confirm any more, though no entry of the log ended them."""
    require(may_end(by))
    for request in open_requests(session):
        if act := declared_acts().get(request.act):
            lapse_if_outdated(session, act, request, by=by, now=now)
            if request.state is State.OPEN:
                _expire_if_over(session, act, request, by=by, now=now)


def lapse_if_outdated(
    session: Session, act: Act[Any], request: DualRequest, *, by: Person | System, now: datetime, cause: int = 0
) -> None:
    """End a request whose record is no longer what it was, or whose asker may not ask for it any more."""
    thing = act.find(session, [request.object]).get(request.object)
    if thing is not None and is_as_asked(session, act, thing, request=request):
        return
    shown = plain_of(act.shown(session, thing)) if thing is not None else {}
    changed = tuple(dict.fromkeys(each.path[0] for each in differences(request.shown, shown) if each.path))
    if _end(session, request, State.LAPSED, now=now):
        lapsed = Lapsed(**_about(session, request), act=act.name, changed=changed, cause=cause)
        record(session, lapsed, by=by, now=now)
        tell_asker(session, act, thing, request=request, now=now)


def _expire_if_over(session: Session, act: Act[Any], request: DualRequest, *, by: System, now: datetime) -> None:
    thing = act.find(session, [request.object]).get(request.object)
    is_over = thing is not None and not act.is_possible(session, thing, now)
    if is_over and _end(session, request, State.EXPIRED, now=now):
        record(session, Expired(**_about(session, request), act=act.name), by=by, now=now)
        tell_asker(session, act, thing, request=request, now=now)


def tell_asker(session: Session, act: Act[Any], thing: Any | None, *, request: DualRequest, now: datetime) -> None:
    """Mail who asked that it came to nothing, unless they may not ask any more; the workplace says more of it."""
    asker = act.people_known.still_there(session, request.requested_by_id)
    if asker is None or (thing is not None and not may_request(as_person(asker), act, thing)):
        return
    values = {"act": act.name, "state": request.state.value}
    how: dict[str, Any] = {"recipient": asker.email, "language": asker.language, "values": values}
    enqueue_mail(session, template="dual_control_ended", **how, now=now)


def _end(session: Session, request: DualRequest, state: State, *, now: datetime) -> bool:
    """End a request, unless somebody confirms or withdraws it at this very moment, who compares it once more."""
    mine = select(DualRequest.id).where(DualRequest.id == request.id, DualRequest.state == State.OPEN)
    if session.scalar(mine.with_for_update(skip_locked=True)) is None:
        return False
    request.state, request.ended_at = state, now
    session.flush()
    return True


def _about(session: Session, request: DualRequest) -> dict[str, Any]:
    """Return the object and the points of the entry that told of the request."""
    asked = session.get_one(AuditEntry, request.entry)
    return {"object": asked.object, "points": tuple(asked.points)}
