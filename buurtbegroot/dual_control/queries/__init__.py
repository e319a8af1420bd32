"""Reading requests for acts by two people: how one stands, whether an act was agreed on, and what waits for whom."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from buurtbegroot.acts import By
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.dual_control.domain import Difference, Shown, differences, fingerprint_of, plain_of
from buurtbegroot.dual_control.models import DualRequest, State
from buurtbegroot.dual_control.policy import (
    Act,
    Organiser,
    Thing,
    as_person,
    declared_acts,
    may_confirm,
    may_request,
    organiser,
)
from buurtbegroot.rooms import Subject


@dataclass(frozen=True, kw_only=True)
class ActStanding:
    """How an act stands just now: its latest request, the record as it is, and what changed since the request.

    A request has lapsed once its record is no longer what it was or its asker may not ask for it any more, whether that
    is written down already or not.
    """

    request: DualRequest | None
    earlier: DualRequest | None
    shown: Shown
    fingerprint: str
    changed: Sequence[Difference]
    asker: Organiser | None
    asker_may: bool
    ended_by: Organiser | None

    @property
    def is_waiting(self) -> bool:
        """Whether a second person can confirm, as far as the request goes."""
        return self.request is not None and self.request.state is State.OPEN and not self._is_outdated

    @property
    def has_lapsed(self) -> bool:
        """Whether the last request came to nothing because of a change."""
        return self.request is not None and (self.request.state is State.LAPSED or self._is_outdated)

    @property
    def has_expired(self) -> bool:
        """Whether nobody confirmed the last request while the act could be done."""
        return self.request is not None and self.request.state is State.EXPIRED

    @property
    def is_confirmed(self) -> bool:
        """Whether two people agreed, and nobody asked again."""
        return self.request is not None and self.request.state is State.CONFIRMED

    @property
    def since_earlier(self) -> Sequence[Difference]:
        """What is different from the request before this one, if that one came to nothing."""
        if self.earlier is None or self.earlier.state is State.CONFIRMED:
            return ()
        return differences(self.earlier.shown, plain_of(self.shown))

    @property
    def _is_outdated(self) -> bool:
        is_open = self.request is not None and self.request.state is State.OPEN
        return is_open and (bool(self.changed) or not self.asker_may)


class Waiting(NamedTuple):
    """Open requests of one kind that one page is about: the oldest, how many, who asked and who may confirm besides.

    `object` is what the log says that they are about.
    """

    request: DualRequest
    object: str
    number: int
    asker: Organiser
    is_mine: bool
    path: str
    others: Sequence[Organiser]


def requests_about(act: str, key: str) -> Select[DualRequest]:
    """Return a select of all requests for an act on one thing, the latest first."""
    return select(DualRequest).where(DualRequest.act == act, DualRequest.object == key).order_by(DualRequest.id.desc())


def last_request(session: Session, act: str, key: str) -> DualRequest | None:
    """Return the latest request for an act on one thing, open or ended."""
    return session.scalars(requests_about(act, key).limit(1)).first()


def is_agreed(session: Session, act: str, key: str) -> bool:
    """Tell whether the latest request for an act on one thing was confirmed by a second person."""
    found = last_request(session, act, key)
    return found is not None and found.state is State.CONFIRMED


def open_requests(session: Session, *acts: str) -> Sequence[DualRequest]:
    """Return what waits for a second person, of these acts or of all, the oldest first."""
    rows = select(DualRequest).where(DualRequest.state == State.OPEN).order_by(DualRequest.id)
    return session.scalars(rows.where(DualRequest.act.in_(acts)) if acts else rows).all()


def entries_since(session: Session, request: DualRequest, objects: Collection[str]) -> dict[str, AuditEntry]:
    """Return the newest entry of the log about each of these objects that came after a request."""
    rows = select(AuditEntry).where(AuditEntry.object.in_(objects), AuditEntry.seq > (request.entry or 0))
    told = rows.where(AuditEntry.action.not_like("dual_control.%")).order_by(AuditEntry.seq)
    return {entry.object: entry for entry in session.scalars(told)}


def own_requests(session: Session, subject: Subject) -> object:
    """Return all that a person asked of a second one, or answered as one, or that was about them, the oldest first."""
    about_me = f"person:{subject.person.actor.pseudonym}"
    mine = (DualRequest.requested_by_id == subject.user_id) | (DualRequest.ended_by_id == subject.user_id)
    found = session.scalars(select(DualRequest).where(mine | (DualRequest.object == about_me)).order_by(DualRequest.id))
    return [
        {
            "act": each.act,
            "object": each.object,
            "asked": each.requested_by_id == subject.user_id,
            "ended": each.ended_by_id == subject.user_id,
            "asked_at": each.requested_at.isoformat(),
            "state": each.state.value,
            "reason": each.reason,
            "ended_reason": each.ended_reason,
            "shown": each.shown if each.object == about_me else None,
        }
        for each in found
    ]


def act_standing(session: Session, act: Act[Thing], thing: Thing) -> ActStanding:
    """Return how an act on a thing stands, with the record as it is now."""
    found = session.scalars(requests_about(act.name, act.key(thing)).limit(2)).all()
    return describe(session, act, thing, request=found[0] if found else None, earlier=found[1] if found[1:] else None)


def describe(
    session: Session, act: Act[Thing], thing: Thing, *, request: DualRequest | None, earlier: DualRequest | None = None
) -> ActStanding:
    """Return how a request that is at hand stands."""
    shown, known = act.shown(session, thing), act.people_known.by_id
    asker = known(session, request.requested_by_id) if request else None
    ended_by = request.ended_by_id if request else None
    return ActStanding(
        request=request,
        earlier=earlier,
        shown=shown,
        fingerprint=current_fingerprint(act, thing, shown=shown, reason=request.reason if request else ""),
        changed=differences(request.shown, plain_of(shown)) if request else (),
        asker=asker,
        asker_may=asker is not None and may_request(as_person(asker), act, thing),
        ended_by=known(session, ended_by) if ended_by else None,
    )


def is_as_asked(session: Session, act: Act[Thing], thing: Thing, *, request: DualRequest) -> bool:
    """Tell whether the record is what it was, and who asked may still ask: else a dismissal would leave the request."""
    shown = act.shown(session, thing)
    is_same = current_fingerprint(act, thing, shown=shown, reason=request.reason) == request.fingerprint
    return is_same and may_request(as_person(act.people_known.by_id(session, request.requested_by_id)), act, thing)


def is_second(standing: ActStanding, act: Act[Thing], thing: Thing, *, by: By) -> bool:
    """Tell whether this person may confirm what somebody else asked for."""
    asker = standing.asker
    return asker is not None and may_confirm(by, act, thing) and act.people_known.are_independent(asker, by)


def current_fingerprint(act: Act[Thing], thing: Thing, *, shown: Shown, reason: str) -> str:
    """Return the fingerprint that a request for this act would have, with its thing shown like this."""
    return fingerprint_of(act.name, act.key(thing), shown=shown, reason=reason)


def shown_before(session: Session, act: Act[Thing], thing: Thing, *, fingerprint: str) -> dict[str, Any] | None:
    """Return the record with this fingerprint, which a page showed earlier, if it was ever asked for."""
    rows = requests_about(act.name, act.key(thing)).where(DualRequest.fingerprint == fingerprint)
    found = session.scalars(rows.limit(1)).first()
    return found.shown if found else None


def waiting_for(
    session: Session, by: By, *, requests: Sequence[DualRequest] | None = None, now: datetime
) -> list[Waiting]:
    """Return the open requests that this person can confirm now or has made, the oldest first, alike ones together.

    `requests` are all open ones, where they were read already.
    """
    requests = open_requests(session) if requests is None else requests
    alike = dict[tuple[str, str, int], list[_Case]]()
    for act in declared_acts().values():
        asked = {each.object: each for each in requests if each.act == act.name}
        for key, thing in (act.find(session, asked.keys()) if asked else {}).items():
            if may_confirm(by, act, thing) and act.is_possible(session, thing, now):
                case = _Case(act, thing, asked[key])
                alike.setdefault((act.name, act.path(thing), case.request.requested_by_id), []).append(case)
    found = (_waiting(session, by, cases) for cases in alike.values())
    return sorted((each for each in found if each is not None), key=lambda each: each.request.id)


def second_people(session: Session, act: Act[Thing], thing: Thing, *, asker: Organiser) -> list[Organiser]:
    """Return everybody who may confirm what this person asks."""
    known = act.people_known
    people = (each for each in act.people(session, thing) if each.id != asker.id)
    return [each for each in people if known.are_independent(asker, each)]


class _Case(NamedTuple):
    act: Act[Any]
    thing: Any
    request: DualRequest


def _waiting(session: Session, by: By, cases: Sequence[_Case]) -> Waiting | None:
    act, thing, first = min(cases, key=lambda case: case.request.id)
    me, known = organiser(by), act.people_known
    asker = known.by_id(session, first.requested_by_id)
    may_be_done = may_request(as_person(asker), act, thing) and (asker.id == me.id or known.are_independent(asker, me))
    if not may_be_done:
        return None
    others = [each for each in second_people(session, act, thing, asker=asker) if each.id != me.id]
    return Waiting(
        request=first,
        object=act.about(thing)["object"],
        number=len(cases),
        asker=asker,
        is_mine=asker.id == me.id,
        path=act.path(thing),
        others=others,
    )
