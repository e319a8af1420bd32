"""Reading the accord: editions, points, their history and latest figures; nothing here writes."""

from collections.abc import Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from buurtbegroot.akkoord.models import Edition, Figure, Milestone, Point, PointGroup, StatusChange


def editions(session: Session) -> Sequence[Edition]:
    """Return all editions, the latest first."""
    return session.scalars(select(Edition).order_by(Edition.adopted_on.desc(), Edition.id.desc())).all()


def latest_edition(session: Session) -> tuple[Edition, int] | None:
    """Return the latest edition and how many points it has, in one query; None while none is loaded."""
    points = select(func.count()).where(Point.edition_id == Edition.id).scalar_subquery()
    found = select(Edition, points).order_by(Edition.adopted_on.desc(), Edition.id.desc()).limit(1)
    row = session.execute(found).first()
    return (row[0], row[1]) if row else None


def point_key(point: Point) -> str:
    """Return what the log calls this point."""
    return f"point:{point.number}"


def points_in(session: Session, edition: Edition) -> Sequence[Point]:
    """Return the points of an edition with their groups, in the order of groups and numbers."""
    found = select(Point).join(Point.group).where(Point.edition_id == edition.id)
    ordered = found.order_by(PointGroup.position, Point.number)
    return session.scalars(ordered.options(joinedload(Point.group), joinedload(Point.edition))).all()


def point_by_number(session: Session, edition: Edition, number: int) -> Point | None:
    """Return a point of an edition with its group, or None."""
    found = select(Point).where(Point.edition_id == edition.id, Point.number == number)
    return session.scalar(found.options(joinedload(Point.group), joinedload(Point.edition)))


def points_beside(session: Session, point: Point) -> Sequence[Point]:
    """Return the points that this one is part of, has as parts, or shares its target with."""
    same = Point.id == point.part_of_id
    if point.part_of_id is None:
        same = Point.part_of_id == point.id
    if point.target_share_to:
        same = same | (Point.target_share_to > 0)
    found = select(Point).where(Point.edition_id == point.edition_id, Point.id != point.id, same)
    return session.scalars(found.order_by(Point.number)).all()


def milestones_of(session: Session, edition: Edition) -> Sequence[Milestone]:
    """Return what happened to an edition as a whole, the latest first."""
    found = select(Milestone).where(Milestone.edition_id == edition.id)
    return session.scalars(found.order_by(Milestone.happened_on.desc())).all()


def statuses_of(session: Session, point: Point) -> Sequence[StatusChange]:
    """Return how a point stood through time, the latest first; empty while nobody recorded it."""
    found = select(StatusChange).where(StatusChange.point_id == point.id)
    return session.scalars(found.order_by(StatusChange.happened_on.desc(), StatusChange.id.desc())).all()


def latest_statuses(session: Session, points: Iterable[Point]) -> dict[int, StatusChange]:
    """Return the latest status by point id, for points that have one, in one query."""
    ids = [point.id for point in points]
    found = select(StatusChange).where(StatusChange.point_id.in_(ids))
    rows = session.scalars(found.order_by(StatusChange.happened_on, StatusChange.id))
    return {row.point_id: row for row in rows}


def latest_figures(session: Session, points: Iterable[Point]) -> dict[int, Figure]:
    """Return the latest measured figure by point id, for points that have one, in one query."""
    ids = [point.id for point in points]
    found = select(Figure).where(Figure.point_id.in_(ids))
    return {row.point_id: row for row in session.scalars(found.order_by(Figure.measured_on, Figure.id))}
