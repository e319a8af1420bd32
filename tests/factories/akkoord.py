"""An edition of the accord with a few points."""

from datetime import date

from sqlalchemy.orm import Session

from buurtbegroot.akkoord.models import Edition, Point, PointGroup


def small_accord(session: Session) -> list[Point]:
    """Return three points: 3 (a target of 2%), 5 (20 pieces) and 16 (buurtbegroten)."""
    edition = Edition(slug="2019", title="Maatschappelijk akkoord 2019", adopted_on=date(2019, 11, 9), source="bron")
    session.add(edition)
    session.flush()
    group = PointGroup(edition_id=edition.id, position=1, slug="samen", title="Samen aan de slag")
    session.add(group)
    session.flush()
    points = [
        Point(number=3, slug="twee-procent", title="2% van de begroting", target_share_from=200, target_share_to=200),
        Point(number=5, slug="donutdeals", title="20 Donutdeals", target_count=20),
        Point(number=16, slug="buurtbegroten", title="Buurtbegroten (alle buurten)"),
    ]
    for point in points:
        point.edition_id, point.group_id = edition.id, group.id
    session.add_all(points)
    session.flush()
    return points
