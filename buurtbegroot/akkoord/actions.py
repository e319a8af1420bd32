"""Changing the accord: loading editions, writing a point's plan, recording its status and figures; each is logged."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.acts import Fault, Person, System, insist, require
from buurtbegroot.akkoord.events import AccordLoaded, FigureRecorded, PlanChanged, StatusRecorded
from buurtbegroot.akkoord.models import Edition, Figure, Milestone, Point, PointGroup, Standing, StatusChange
from buurtbegroot.akkoord.policy import may_keep_accord, may_load_accord
from buurtbegroot.akkoord.queries import point_key
from buurtbegroot.audit.actions import record
from buurtbegroot.audit.events import Changes, Event, changes_between
from buurtbegroot.database import Model, lock_as_seen

DATA = Path(__file__).parent / "data" / "accord.json"
PLAN_FIELDS = ("how", "what", "when", "where", "with_whom")
TARGETS = ("target_share_from", "target_share_to", "target_count")


class AccordFault(Fault):
    """Why nothing is recorded about a point."""

    NO_TARGET = "no_target"


def load_accord(session: Session, *, by: System, now: datetime) -> int:
    """Bring editions, groups, points and milestones in line with the data; return how many rows were written.

    Plans, statuses and figures stay as people wrote them. Loading the same again writes nothing.
    """
    require(may_load_accord(by))
    content = json.loads(DATA.read_text(encoding="utf-8"))
    return sum(_load_edition(session, edition, by=by, now=now) for edition in content["editions"])


@dataclass
class _Loading:
    """What loading an edition has written so far: how many rows, and of those that were there, what changed."""

    session: Session
    written: int = 0
    changes: Changes = field(default_factory=dict)

    def put(self, model: type[Model], *, key: dict[str, Any], values: dict[str, Any]) -> Any:
        """Find the row by its key and bring it in line, or add it; return it."""
        row: Any = self.session.scalar(select(model).filter_by(**key))
        if row is None:
            row = model(**key, **values)
            self.session.add(row)
            self.written += 1
        else:
            self._bring_in_line(row, key=key, values=values)
        self.session.flush()
        return row

    def _bring_in_line(self, row: Any, *, key: dict[str, Any], values: dict[str, Any]) -> None:
        found = changes_between(
            {name: _plain(getattr(row, name)) for name in values},
            {name: _plain(value) for name, value in values.items()},
        )
        for name in found:
            setattr(row, name, values[name])
        called = " ".join(str(_plain(value)) for name, value in key.items() if name != "edition_id")
        self.changes |= {f"{row.__tablename__} {called}: {name}": pair for name, pair in found.items()}
        self.written += bool(found)


def _load_edition(session: Session, given: Mapping[str, Any], *, by: System, now: datetime) -> int:
    facts = {name: given[name] for name in ("title", "summary", "term", "source")}
    facts["adopted_on"] = date.fromisoformat(given["adopted_on"])
    loading = _Loading(session)
    edition = loading.put(Edition, key={"slug": given["slug"]}, values=facts)
    here = {"edition_id": edition.id}
    groups: dict[str, int] = {}
    for position, group in enumerate(given["groups"], 1):
        values = {"position": position, "title": group["title"], "label": group["label"]}
        groups[group["slug"]] = loading.put(PointGroup, key=here | {"slug": group["slug"]}, values=values).id
    _load_points(loading, given["points"], here=here, groups=groups)
    for milestone in given["milestones"]:
        key = here | {"happened_on": date.fromisoformat(milestone["happened_on"])}
        loading.put(Milestone, key=key, values={name: milestone[name] for name in ("what", "source")})
    if loading.written:
        about = {"object": f"accord:{edition.slug}", "edition": edition.slug}
        record(session, AccordLoaded(**about, written=loading.written, changes=loading.changes), by=by, now=now)
    return loading.written


def _load_points(
    loading: _Loading, points: list[dict[str, Any]], *, here: dict[str, int], groups: dict[str, int]
) -> None:
    ids: dict[str, int] = {}
    for given in points:  # a part follows its whole
        values = {"slug": given["slug"], "title": given["title"], "group_id": groups[given["group"]]}
        values |= {name: given.get(name, 0) for name in TARGETS}
        values["part_of_id"] = ids[given["part_of"]] if "part_of" in given else None
        ids[given["slug"]] = loading.put(Point, key=here | {"number": given["number"]}, values=values).id


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def write_plan(
    session: Session, point: Point, texts: Mapping[str, str], *, seen: int, by: Person, now: datetime
) -> bool:
    """Write the plan fields of a point (`PLAN_FIELDS`, absent ones stay); return whether anything changed.

    Raises ChangedSinceError when the point is not of the version that was seen.
    """
    require(may_keep_accord(by))
    lock_as_seen(session, point, seen=seen)
    wanted = {name: texts[name] for name in PLAN_FIELDS if name in texts}
    changes = changes_between({name: getattr(point, name) for name in wanted}, wanted)
    for name in changes:
        setattr(point, name, wanted[name])
    if changes:
        _record(session, PlanChanged(**_about(point), changes=changes), by=by, now=now)
    return bool(changes)


def record_status(
    session: Session,
    point: Point,
    *,
    happened_on: date,
    standing: Standing,
    source: str,
    note: str = "",
    by: Person,
    now: datetime,
) -> StatusChange:
    """Add to the history of a point how it stood on a day and which source says so."""
    require(may_keep_accord(by))
    change = StatusChange(
        point_id=point.id, happened_on=happened_on, standing=standing, source=source, note=note, recorded_at=now
    )
    session.add(change)
    event = StatusRecorded(**_about(point), happened_on=happened_on.isoformat(), standing=standing.value, source=source)
    _record(session, event, by=by, now=now)
    return change


def record_figure(
    session: Session,
    point: Point,
    *,
    measured_on: date,
    value: int,
    source: str,
    note: str = "",
    by: Person,
    now: datetime,
) -> Figure:
    """Add how much of a point's target was reached on a day; `value` is in hundredths of a percent, or pieces.

    Raises RefusedError when the point has no target.
    """
    require(may_keep_accord(by))
    insist(point.has_target, AccordFault.NO_TARGET, point=point.number)
    figure = Figure(point_id=point.id, measured_on=measured_on, value=value, source=source, note=note, recorded_at=now)
    session.add(figure)
    event = FigureRecorded(**_about(point), measured_on=measured_on.isoformat(), value=value, source=source)
    _record(session, event, by=by, now=now)
    return figure


def _about(point: Point) -> dict[str, Any]:
    return {"object": point_key(point), "points": (point.name,), "edition": point.edition.slug}


def _record(session: Session, event: Event, *, by: Person, now: datetime) -> None:
    session.flush()
    record(session, event, by=by, now=now)
