"""Many people at the same moment over HTTP: no number is given twice, and nobody writes over what they did not see."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from buurtbegroot.accounts.models import Role, User
from buurtbegroot.acts import Fault, RefusedError
from buurtbegroot.app import create_app
from buurtbegroot.areas.models import Area
from buurtbegroot.core.phases import Phase
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.mail.models import OutboxMail
from buurtbegroot.proposals.actions import PlanFault, start_proposal, submit_proposal
from buurtbegroot.proposals.models import Decision, Proposal
from buurtbegroot.proposals.models.changes import ProposalRevision
from buurtbegroot.rounds.actions import SetupFault, save_basics
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries.setup import Basics, ThemeChoice
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.factories.proposals import draft, typed
from tests.factories.rounds import round_in
from tests.live import ready_uri
from tests.pages import Browser

PEOPLE = 20
Sent = tuple[Browser, str, dict[str, str]]

pytestmark = pytest.mark.race


@pytest.fixture
def real(tmp_path: Path, now: datetime) -> Iterator[Flask]:
    """An app with a database of its own, to which every thread has its own connection."""
    app = create_app(
        {
            "TESTING": True,
            "INSTANCE": str(tmp_path),
            "SECRET_KEY": "test",
            "SESSION_COOKIE_SECURE": False,
            "SQLALCHEMY_DATABASE_URI": ready_uri(tmp_path),
            "RATELIMIT_ENABLED": False,
            "WTF_CSRF_ENABLED": False,
            "SERVER_NAME": "localhost",
            "CLOCK": lambda: now,
        }
    )
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def at_once(sent: list[Sent]) -> list[int]:
    """Send all forms at the same moment, and return the statuses of the answers, in order of size."""
    start, statuses = threading.Barrier(len(sent)), []

    def send(browser: Browser, path: str, form: dict[str, str]) -> None:
        start.wait()
        statuses.append(browser.client.post(path, data=form).status_code)

    threads = [threading.Thread(target=send, args=each) for each in sent]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(statuses)


def test_twenty_submits_at_once_over_http(real: Flask, now: datetime) -> None:
    with real.app_context(), writing():
        round_ = round_in(db.session(), Phase.SUBMISSION, areas=small_city(db.session()), now=now)
        people = [person(db.session()) for _ in range(PEOPLE)]
        concepts = [start_proposal(db.session(), round_, draft(round_), by=one, now=now).id for one in people]
        db.session.commit()
        browsers = [Browser(real) for _ in people]
        for browser, one in zip(browsers, people, strict=True):
            browser.sign_in(one)
        paths = [f"/plannen/{concept}/indienen" for concept in concepts]
        forms = [browser.get(path).hidden(path) for browser, path in zip(browsers, paths, strict=True)]
    assert at_once(list(zip(browsers, paths, forms, strict=True))) == [303] * PEOPLE
    with real.app_context():
        numbers = db.session.scalars(select(Proposal.number)).all()
    assert sorted(numbers) == list(range(1, PEOPLE + 1))


@pytest.mark.parametrize("kind", ["edit", "decide"])
def test_of_all_who_saw_one_version_one_changes_it(real: Flask, now: datetime, kind: str) -> None:
    with real.app_context(), writing():
        session = db.session()
        round_ = round_in(session, Phase.SUBMISSION, areas=small_city(session), now=now)
        author = person(session)
        plan = start_proposal(session, round_, draft(round_), by=author, now=now)
        submit_proposal(session, plan, seen=plan.version, by=author, now=now)
        checkers = [person(session, Role.COORDINATOR, "E") for _ in range(6)]
        session.commit()
        browsers = [Browser(real) for _ in checkers]
        for browser, checker in zip(browsers, checkers, strict=True):
            browser.sign_in(checker if kind == "decide" else author)
        path = f"/werkplek/rondes/{round_.slug}/plannen/1" if kind == "decide" else f"/plannen/{plan.id}/wijzigen"
        told = {"verdict": "weigeren", "reason": "Nee."} if kind == "decide" else typed(round_, title="Anders")
        sent = [(browser, path, browser.get(path).hidden(path) | told) for browser in browsers]
    assert at_once(sent) == [303, *[409] * 5]
    with real.app_context():
        tables = (Decision, OutboxMail, ProposalRevision)
        rows = [db.session.scalar(select(func.count()).select_from(table)) for table in tables]
    assert rows == ([1, 1, 1] if kind == "decide" else [0, 0, 2]), "a save that was refused is no version"


def test_no_plan_is_for_a_buurt_that_left_the_round(real: Flask, now: datetime) -> None:
    with real.app_context(), writing():
        session = db.session()
        round_ = round_in(session, Phase.SUBMISSION, areas=small_city(session), now=now)
        people, organiser = [person(session) for _ in range(2)], person(session, Role.COORDINATOR, "E")
        session.commit()
        number, makers, leader = round_.id, [one.id for one in people], organiser.id
    for turn in range(6):
        start = threading.Barrier(len(makers) + 1)
        threads = [threading.Thread(target=leave, args=(real, number, leader, start, now))]
        threads += [threading.Thread(target=choose, args=(real, number, maker, start, now)) for maker in makers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        with real.app_context(), writing():
            session, round_ = db.session(), db.session.get_one(Round, number)
            plans = session.scalars(select(Proposal).where(Proposal.buurt_code == "EA02")).all()
            assert not plans or "EA02" in [buurt.code for buurt in round_.buurten], turn
            for plan in plans:
                session.delete(plan)
            session.flush()
            round_.buurten = [session.get_one(Area, code) for code in ("EA01", "EA02")]
            session.commit()


def choose(app: Flask, number: int, maker: int, start: threading.Barrier, now: datetime) -> None:
    """Begin a plan for a buurt, or be refused with words."""
    with app.app_context(), writing():
        round_, user = db.session.get_one(Round, number), db.session.get_one(User, maker)
        wanted = draft(round_, buurt=db.session.get_one(Area, "EA02"))
        db.session.commit()
        start.wait()
        settle(lambda: start_proposal(db.session(), round_, wanted, by=user, now=now), PlanFault.GONE)


def leave(app: Flask, number: int, leader: int, start: threading.Barrier, now: datetime) -> None:
    """Take that buurt out of the round, or be refused with words."""
    with app.app_context(), writing():
        round_, user = db.session.get_one(Round, number), db.session.get_one(User, leader)
        told = {name: getattr(round_, name) for name in ("title", "summary", "contact", "decision_url")}
        themes = tuple(ThemeChoice(name=each.name, scene=each.scene, id=each.id) for each in round_.themes)
        wanted = Basics(
            **told, buurten=frozenset({"EA01"}), themes=themes, pots_by=None, budget_cents=1000, area_cents={}
        )
        seen = round_.version
        db.session.commit()
        start.wait()
        settle(lambda: save_basics(db.session(), round_, wanted, seen=seen, by=user, now=now), SetupFault.BUURT_IN_USE)


def settle(act: Callable[[], object], fault: Fault) -> None:
    """Do something whole, or not at all for this reason; any other error fails the thread, and so the test."""
    try:
        act()
        db.session.commit()
    except RefusedError as refusal:
        db.session.rollback()
        if refusal.fault is not fault:
            raise
