"""The accord that comes with the program: 24 points in four groups, loaded once, what people wrote kept."""

from datetime import datetime

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buurtbegroot.akkoord.actions import load_accord
from buurtbegroot.akkoord.commands import group
from buurtbegroot.akkoord.models import Figure, Milestone, Point, PointGroup, StatusChange
from tests.factories import PROGRAM


def test_24_points_in_four_groups(session: Session, now: datetime) -> None:
    load_accord(session, by=PROGRAM, now=now)
    points = session.scalars(select(Point).order_by(Point.number)).all()
    assert [point.number for point in points] == list(range(1, 25))
    sizes = select(func.count()).join(PointGroup).group_by(PointGroup.position).order_by(PointGroup.position)
    assert session.scalars(sizes.select_from(Point)).all() == [9, 10, 3, 2]
    targets = {p.number: (p.target_share_from, p.target_share_to, p.target_count) for p in points if p.has_target}
    assert targets == {1: (100, 1000, 0), 3: (200, 200, 0), 5: (0, 0, 20), 24: (1000, 1000, 0)}


def test_nothing_is_claimed_that_the_documents_do_not_say(session: Session, now: datetime) -> None:
    load_accord(session, by=PROGRAM, now=now)
    assert session.scalars(select(StatusChange)).all() == []
    assert session.scalars(select(Figure)).all() == []
    assert len(session.scalars(select(Milestone)).all()) == 3


def test_loading_again_keeps_what_people_wrote(session: Session, now: datetime) -> None:
    load_accord(session, by=PROGRAM, now=now)
    point = session.scalars(select(Point).where(Point.number == 16)).one()
    point.how, point.title = "Met rondes", "Verschreven"
    session.flush()
    assert load_accord(session, by=PROGRAM, now=now) == 1
    assert (point.how, point.title) == ("Met rondes", "Buurtbegroten (alle buurten)")
    assert load_accord(session, by=PROGRAM, now=now) == 0


def test_the_command_says_how_much_it_wrote(app: Flask, session: Session) -> None:
    runner = app.test_cli_runner()
    assert runner.invoke(group, ["load"]).output == "32 rows written\n"
    assert runner.invoke(group, ["load"]).output == "0 rows written\n"
