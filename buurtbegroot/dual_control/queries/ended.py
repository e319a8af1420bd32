"""Reading what somebody asked of a second person and what came to nothing, for the top of their workplace."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from buurtbegroot.acts import By
from buurtbegroot.dual_control.models import DualRequest, State
from buurtbegroot.dual_control.policy import Act, Organiser, declared_acts, may_request, organiser

TOLD_FOR = timedelta(days=14)
MOST_ENDED = 20
"""How long who asked sees that it came to nothing, and of how many requests."""


class Ended(NamedTuple):
    """A request that came to nothing: it lapsed, expired, or `by` turned it down; on `path` it can be asked again."""

    request: DualRequest
    path: str
    by: Organiser | None


def ended_for(session: Session, by: By, *, now: datetime) -> list[Ended]:
    """Return what this person asked, what came to nothing lately and may be asked again, the latest first.

    Without what anybody asked once more, and what the asker took back.
    """
    rows = _ended(session, organiser(by).id, now=now)
    things = {name: act.find(session, _keys(rows, name)) for name, act in _acts_of(rows).items()}
    found = (
        (act, row, things[name].get(row.object))
        for name, act in _acts_of(rows).items()
        for row in rows
        if row.act == name
    )
    people = _who(session, rows)
    ended = [
        Ended(row, act.path(thing), people.get(row.ended_by_id))
        for act, row, thing in found
        if thing is not None and may_request(by, act, thing)
    ]
    return sorted(ended, key=lambda each: -each.request.id)


def _ended(session: Session, user_id: int, *, now: datetime) -> Sequence[DualRequest]:
    later = aliased(DualRequest)
    same = (later.act == DualRequest.act, later.object == DualRequest.object, later.id > DualRequest.id)
    lapsed = DualRequest.state.in_((State.LAPSED, State.EXPIRED))
    turned_down = (DualRequest.state == State.WITHDRAWN) & (DualRequest.ended_by_id != user_id)
    mine = (DualRequest.requested_by_id == user_id, lapsed | turned_down, DualRequest.ended_at > now - TOLD_FOR)
    rows = select(DualRequest).where(*mine, ~exists().where(*same)).order_by(DualRequest.id.desc())
    return session.scalars(rows.limit(MOST_ENDED)).all()


def _acts_of(rows: Sequence[DualRequest]) -> Mapping[str, Act[Any]]:
    asked = {row.act for row in rows}
    return {name: act for name, act in declared_acts().items() if name in asked}


def _keys(rows: Sequence[DualRequest], name: str) -> set[str]:
    return {row.object for row in rows if row.act == name}


def _who(session: Session, rows: Sequence[DualRequest]) -> Mapping[int | None, Organiser]:
    """Return who turned these down, by id; one query for acts that know the same people."""
    ids = {row.ended_by_id for row in rows if row.ended_by_id}
    known = {act.people_known for act in _acts_of(rows).values()} if ids else ()
    return {key: person for people in known for key, person in people.all_by_id(session, ids).items()}
