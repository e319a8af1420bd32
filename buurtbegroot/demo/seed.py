"""Filling an empty database with the sample city, in the order in which it would have happened."""

from collections.abc import Callable
from datetime import datetime, timedelta
from heapq import merge
from operator import itemgetter

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from buurtbegroot.akkoord.actions import load_accord
from buurtbegroot.areas.actions import load_areas, load_postcodes
from buurtbegroot.areas.domain import package_data
from buurtbegroot.areas.models import CITY, Area, Level
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.demo.ballots import DEMO
from buurtbegroot.demo.city import PEOPLE_SOURCE, ROUNDS, made_up_people
from buurtbegroot.demo.lives import Life, Step, life_of
from buurtbegroot.demo.people import add_people
from buurtbegroot.demo.reports import reporting_steps
from buurtbegroot.demo.votes import bundled_votes
from buurtbegroot.mail.models import OutboxMail
from buurtbegroot.notices.actions import tell_makers
from buurtbegroot.notices.queries import all_due
from buurtbegroot.population.actions import load_population
from buurtbegroot.population.domain.people import People
from buurtbegroot.rounds.models import Round
from buurtbegroot.timezone import local_date

Say = Callable[[int, int], None]
BEFORE_ALL = timedelta(days=500)


def is_seeded(session: Session) -> bool:
    """Tell whether there is a city already."""
    return session.scalar(select(Round.id).limit(1)) is not None


def seed_city(session: Session, *, keys: KeyStore, today: datetime, say: Say) -> dict[str, list[str]]:
    """Add areas, accord, people and rounds; return the codes of each open vote by slug, all unused.

    `say` hears how many of how many steps are done. Takes about a quarter of a minute; the caller commits.
    """
    began = today - BEFORE_ALL
    load_areas(session, package_data.buurten(), by=DEMO, now=began)
    load_postcodes(session, package_data.postcodes(), by=DEMO)
    load_accord(session, by=DEMO, now=began)
    _count_people(session, now=began)
    people = add_people(session, now=began)
    votes = {vote.id: vote for vote in bundled_votes()}
    lives = [life_of(session, each, votes[each.vote], keys=keys, people=people, today=today) for each in ROUNDS]
    _live(lives, list(reporting_steps(session, people, today)), today=today, say=say)
    _tell_makers(session, keys=keys, today=today)
    session.execute(delete(OutboxMail))  # nobody lives at the sample addresses
    return {life.sample.slug: life.codes for life in lives if life.codes}


def _count_people(session: Session, *, now: datetime) -> None:
    """Load made-up inhabitants of all buurten, of the first day of the year, so that they can be divided by."""
    codes = session.scalars(select(Area.code).where(Area.level == Level.BUURT, Area.is_current))
    rows = {code: People(*made_up_people(code)) for code in codes}
    day = local_date(now).replace(month=1, day=1)
    city = session.get_one(Area, CITY)
    load_population(session, city, rows, source=PEOPLE_SOURCE, counted_on=day, seen=0, by=DEMO, now=now)


def _tell_makers(session: Session, *, keys: KeyStore, today: datetime) -> None:
    """Tell makers all that happened until today, so that the worker does not begin with that."""
    for due in all_due(session, now=today):
        while tell_makers(session, due, keys=keys, by=DEMO, now=today):
            pass


def _live(lives: list[Life], more: list[Step], *, today: datetime, say: Say) -> None:
    """Take every step of every round in the order of time, so that the log reads as it would have grown."""
    steps = list(merge(*(life.steps(today) for life in lives), more, key=itemgetter(0)))
    for done, (moment, step) in enumerate(steps, start=1):
        step(moment)
        say(done, len(steps))
