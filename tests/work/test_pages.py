"""The administrator's page about background work: what failed and why, and trying again."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role, User
from buurtbegroot.acts import ANYONE, NotAllowedError, System
from buurtbegroot.areas.models import Area
from buurtbegroot.core.phases import Phase
from buurtbegroot.tally.queries import OPEN
from buurtbegroot.work import actions
from buurtbegroot.work.models import Job, JobState
from buurtbegroot.work.queries import job_of
from buurtbegroot.work.queue import claim, enqueue, keep_recurring, note_failure
from buurtbegroot.work.register import EXTENSION, Task
from tests.conftest import Clock
from tests.factories.accounts import person
from tests.factories.rounds import round_in
from tests.pages import Browser

PAGE = "work_organiser.index"


@pytest.fixture
def administrator(areas: dict[str, Area], session: Session) -> User:
    return person(session, Role.ADMINISTRATOR, "0363")


@pytest.fixture
def admin(administrator: User, signed_in: Callable[[User], Browser]) -> Browser:
    return signed_in(administrator)


def failed(session: Session, now: datetime, task: str = "tally.open", **arguments: int) -> Job:
    """Let a job fail because the box changed."""
    enqueue(session, task, arguments, now=now)
    held = claim(session, task, every=None, now=now)
    assert held is not None
    note_failure(session, held, "box_changed", final=True, endless=False, now=now)
    session.commit()
    found = job_of(session, task, arguments)
    assert found is not None
    return found


def test_a_failed_job_says_why_where_it_belongs_and_begins_anew(
    admin: Browser, session: Session, areas: dict[str, Area], now: datetime
) -> None:
    round_ = round_in(session, Phase.VOTING, areas=areas, now=now)
    job = failed(session, now, OPEN, round_id=round_.id)
    page = admin.get(PAGE)
    assert "Enveloppen openen" in page.text
    assert "Niet gelukt" in page.text
    assert "De stembus is veranderd na het sluiten." in page.text
    assert [link.text for link in page.find(".//th/a")] == [round_.title]
    admin.post("work_organiser.try_again", job_id=job.id)
    session.refresh(job)
    assert (job.state, job.reason, job.tries) == (JobState.WAITING, "", 0)
    assert "Niet gelukt" not in admin.get(PAGE).text


@pytest.mark.parametrize("arguments", ['{"round_id":998}', '{"round":2}', '{"round_id":"x","more":1}', '{"numb', "[]"])
def test_a_job_about_nothing_that_is_known_is_listed_all_the_same(
    admin: Browser, session: Session, now: datetime, arguments: str
) -> None:
    failed(session, now, OPEN, round_id=1).arguments = arguments
    session.commit()
    page = admin.get(PAGE)
    assert "Enveloppen openen" in page.text
    assert page.find(".//th/a") == []


def test_what_failed_comes_first_and_the_list_has_pages(admin: Browser, session: Session, now: datetime) -> None:
    for number in range(30):
        enqueue(session, "toys.note", {"number": number}, now=now)
    failed(session, now, "toys.broken")
    page = admin.get(PAGE)
    assert len(page.find(".//tbody/tr")) == 25
    assert "toys.broken" in page.text_of(".//tbody/tr[1]")
    assert "25 van 31 taken" in page.text
    assert len(admin.get(PAGE, pagina=2).find(".//tbody/tr")) == 6


def test_a_job_that_runs_is_left_alone(admin: Browser, session: Session, now: datetime) -> None:
    enqueue(session, "toys.note", now=now)
    assert claim(session, "toys.note", every=None, now=now)
    session.commit()
    job = job_of(session, "toys.note")
    assert job is not None
    admin.post("work_organiser.try_again", job_id=job.id)
    session.refresh(job)
    assert (job.state, job.tries) == (JobState.RUNNING, 1)
    admin.post("work_organiser.try_again", job_id=job.id + 1, status=404)


def test_a_worker_that_is_not_there_is_noticed(
    app: Flask, admin: Browser, session: Session, now: datetime, clock: Clock
) -> None:
    keep_recurring(session, ["mail.deliver", "audit.sign"], now=now)
    session.commit()
    clock.now += timedelta(minutes=5)
    rows = {row.find("th").text: "".join(row.itertext()) for row in admin.get(PAGE).find(".//tbody/tr")}  # type: ignore[union-attr]
    assert "al minuten niet aan begonnen" in rows["Het logboek tekenen"]
    assert "al minuten niet aan begonnen" not in rows["Mail bezorgen"], "there is no mail"


def test_what_a_task_gave_up_is_counted_and_taken_up(
    app: Flask, admin: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = Counter({"OSError": 2, "": 1})
    task = Task(name="toys.mail", title="Post", run=print, given_up=lambda: left, take_up=left.clear)
    monkeypatch.setitem(app.extensions[EXTENSION], "toys.mail", task)
    page = admin.get(PAGE)
    assert "Post: dit bleef liggen" in page.text
    assert "(OSError). In het log van de server staat meer. (2 keer)" in page.text
    admin.post("work_organiser.take_up", task="toys.mail")
    assert "bleef liggen" not in admin.get(PAGE).text
    admin.post("work_organiser.take_up", task="toys.unknown", status=404)


def test_only_administrators_and_the_program_start_jobs_anew(
    session: Session, areas: dict[str, Area], now: datetime, administrator: User
) -> None:
    job = failed(session, now)
    task = Task(name="toys.note", title="", run=print)
    strangers: tuple[Any, ...] = (ANYONE, person(session), person(session, Role.COORDINATOR, "0363"))
    for by in strangers:
        with pytest.raises(NotAllowedError):
            actions.try_again(session, job, by=by, now=now)
        with pytest.raises(NotAllowedError):
            actions.take_up(task, by=by)
    for allowed in (administrator, System("test")):
        actions.try_again(session, job, by=allowed, now=now)
        actions.take_up(task, by=allowed)
    assert job.state is JobState.WAITING


def test_others_find_no_such_page(
    areas: dict[str, Area], session: Session, signed_in: Callable[[User], Browser]
) -> None:
    signed_in(person(session, Role.COORDINATOR, "0363")).get(PAGE, status=404)
