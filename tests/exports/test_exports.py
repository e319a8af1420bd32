"""Long files: asked for on the staff's page, made by the worker, fetched by whoever has the address, gone in a week."""

import errno
import os
import re
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role
from buurtbegroot.core.phases import Phase
from buurtbegroot.database import writing
from buurtbegroot.exports import tasks
from buurtbegroot.exports.actions import note_rows
from buurtbegroot.exports.domain import folder_of, path_of
from buurtbegroot.exports.models import Export
from buurtbegroot.exports.queries import MAKE, MOST, Standing
from buurtbegroot.extensions import db
from buurtbegroot.moderation.actions import Hiding, hide_words
from buurtbegroot.moderation.models import Reason
from buurtbegroot.proposals.models import Proposal, ProposalStatus
from buurtbegroot.work.models import Job, JobState
from tests.conftest import Clock
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.live import live, working
from tests.pages import Browser, Page

PLANS = 3
PAGE = "/werkplek/bestanden"


@pytest.fixture
def site(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """A city with a few plans, in which every file is a long one."""
    monkeypatch.setattr("buurtbegroot.datasets.organiser_views.LONG", 1)
    settings = {"SERVER_NAME": "localhost", "SITE_URL": "http://localhost", "SECOND_FACTOR": False, "CLOCK": clock}
    with live(tmp_path, WTF_CSRF_ENABLED=False, **settings) as app, app.app_context():
        with writing():
            session = db.session()
            round_ = round_in(session, Phase.COCREATION, areas=small_city(session), now=clock())
            for _ in range(PLANS):
                plan(session, round_, now=clock(), status=ProposalStatus.SUBMITTED)
            session.commit()
        yield app


@pytest.fixture
def desk(site: Flask) -> Browser:
    return signed_in(site)


def signed_in(app: Flask) -> Browser:
    browser = Browser(app)
    with app.app_context(), writing():
        user = person(db.session(), Role.STAFF, "E")
        db.session.commit()
        browser.sign_in(user)
    return browser


def ask(desk: Browser, filename: str = "plannen.csv", choice: str = "") -> Any:
    path = f"{PAGE}/maken/{filename}"
    page = desk.get(f"{PAGE}?soort={re.split('[.-]', filename)[0]}")
    return desk.post(f"{path}?{choice}", page.hidden(path))


def work(app: Flask) -> None:
    """Let a worker do what waits."""
    with app.app_context(), working(app):
        until = time.monotonic() + 30
        busy = select(func.count()).select_from(Job).where(Job.task == MAKE, Job.state.in_({"waiting", "running"}))
        while db.session.scalar(busy) and time.monotonic() < until:
            db.session.rollback()
            time.sleep(0.02)
        db.session.rollback()


def link(page: Page) -> str:
    (found,) = (href for a in page.find(".//a[@href]") if "/gemaakt/" in (href := str(a.get("href"))))
    return found


def test_a_long_file_is_asked_for_made_and_fetched(site: Flask, desk: Browser) -> None:
    page = desk.get(f"{PAGE}?soort=plannen")
    assert "Dit is een groot bestand." in page.text
    assert not [a for a in page.find(".//a[@href]") if "plannen.csv" in a.get("href", "")]
    asked = ask(desk)
    assert asked.status == 303
    page = desk.get(asked.response.location)
    assert f"0 van {PLANS} rijen" in page.text
    assert "Kijk hoe ver het is" in page.text
    work(site)
    page = desk.get(PAGE)
    assert "Klaar" in page.text
    assert "Kijk hoe ver het is" not in page.text
    made = Browser(site).get(link(page)).response
    assert made.headers["Content-Disposition"] == 'attachment; filename="plannen.csv"'
    assert made.data == desk.get("/open-data/plannen.csv").response.data


def test_it_holds_the_choice(site: Flask, desk: Browser) -> None:
    ask(desk, choice="kolom=titel&jaar=2031")
    work(site)
    rows = Browser(site).get(link(desk.get(PAGE))).response.data.decode("utf-8-sig").splitlines()
    assert len(rows) == 1
    assert rows[0].count(";") == 0


@pytest.mark.parametrize("ending", [".xlsx", "-machine.csv-metadata.json", ".jsonl", ".geojson", ".zip"])
def test_in_every_form(site: Flask, desk: Browser, ending: str) -> None:
    ask(desk, f"plannen{ending}")
    work(site)
    made = site.test_client().get(link(desk.get(PAGE))).data
    if ending in {".xlsx", ".zip"}:  # with the moment at which they were made
        assert ZipFile(BytesIO(made)).testzip() is None
    else:
        assert made == site.test_client().get(f"/open-data/plannen{ending}").data


def test_each_file_says_what_was_chosen_and_throwing_it_away_keeps_the_choice(site: Flask, desk: Browser) -> None:
    ask(desk, choice="stadsdeel=E&jaar=2031&jaar=2025&stand=admitted&kolom=titel")
    ask(desk, "rondes.xlsx")
    page = desk.get(f"{PAGE}?soort=haalbaarheid&stadsdeel=E&jaar=2025")
    rows = [" ".join("".join(each.itertext()).split()) for each in page.find(".//li[@class='bb-job']")]
    assert "Rondes Alle stadsdelen · Alle jaren · Alle kolommen Excel (XLSX)" in rows[0]
    assert "Plannen West · 2025, 2031 · Gecontroleerd: kan · 1 kolom CSV voor Excel" in rows[1]
    path = f"{PAGE}/uw/1/weg"
    (form,) = (each for each in page.find(".//form") if str(each.get("action")).startswith(path))
    asked = desk.post(str(form.get("action")), page.hidden(path))
    assert asked.response.location.endswith(f"{PAGE}?soort=haalbaarheid&stadsdeel=E&jaar=2025#uw")
    assert desk.post(f"{PAGE}/uw/2/weg?soort=niets&_external=1", {}).response.location.endswith(f"{PAGE}#uw")


def test_what_is_no_file_or_no_choice_is_not_made(site: Flask, desk: Browser) -> None:
    for path in ("niets.csv", "plannen.exe", "plannen.csv?niets=1"):
        desk.post(f"{PAGE}/maken/{path}", {}, status=404)


def test_nobody_stops_or_sees_what_another_asked_for(site: Flask, desk: Browser) -> None:
    ask(desk)
    other = signed_in(site)
    assert "Uw bestanden" not in other.get(PAGE).text
    for act in ("weg", "opnieuw"):
        other.post(f"{PAGE}/uw/1/{act}", {}, status=404)


def test_somebody_has_so_many_files_and_no_more(site: Flask, desk: Browser) -> None:
    for _ in range(MOST):
        assert ask(desk).status == 303
    page = desk.get(ask(desk).response.location)
    assert f"U heeft al {MOST} bestanden." in page.text
    with site.app_context():
        assert db.session.scalar(select(func.count()).select_from(Export)) == MOST


def test_what_is_stopped_leaves_nothing(
    site: Flask, desk: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "SAID_EVERY", -1)
    noted = note_rows

    def stopped(session: Session, number: int, **values: Any) -> bool:
        session.delete(session.get_one(Export, number))
        session.flush()
        return noted(session, number, **values)

    monkeypatch.setattr(tasks, "note_rows", stopped)
    ask(desk)
    work(site)
    assert "Uw bestanden" not in desk.get(PAGE).text
    assert list((tmp_path / "exports").iterdir()) == []
    with site.app_context():
        assert db.session.scalars(select(Job.state).where(Job.task == MAKE)).all() == [JobState.DONE]


def test_a_full_disk_says_so_and_it_can_be_tried_again(
    site: Flask, desk: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(tasks, "put", full)
        ask(desk)
        work(site)
    page = desk.get(PAGE)
    assert "Niet gelukt" in page.text
    assert "De schijf was vol. Er is niets half bewaard." in page.text
    desk.post(f"{PAGE}/uw/1/opnieuw", page.hidden(f"{PAGE}/uw/1/opnieuw"))
    work(site)
    assert "Klaar" in desk.get(PAGE).text


def test_how_far_it_is_is_said_while_it_is_made(site: Flask, desk: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "SAID_EVERY", -1)
    monkeypatch.setattr("buurtbegroot.datasets.queries.AT_ONCE", 1)
    said, noted = list[int](), note_rows

    def heard(session: Session, number: int, **values: Any) -> bool:
        said.append(values["done"])
        return noted(session, number, **values)

    monkeypatch.setattr(tasks, "note_rows", heard)
    ask(desk)
    work(site)
    assert said == [1, 2, 3]


def test_after_a_week_it_is_gone(site: Flask, desk: Browser, tmp_path: Path, clock: Clock) -> None:
    ask(desk)
    work(site)
    address = link(desk.get(PAGE))
    clock.now += timedelta(days=7)
    Browser(site).get(address, status=404)
    with site.app_context():
        clean = tasks.TASKS[1]
        (file,) = (tmp_path / "exports").iterdir()
        os.utime(file, (0, 0))
        clean.run(clean.by)
        assert db.session.scalar(select(func.count()).select_from(Export)) == 0
        assert not file.exists()


def hide(app: Flask, clock: Clock) -> str:
    """Hide the words of a plan, and return some of them."""
    with app.app_context(), writing():
        session = db.session()
        found, moderator = session.scalars(select(Proposal)).first(), person(session, Role.COORDINATOR, "E")
        assert found is not None
        words, hiding = found.summary, Hiding(reason=Reason.PERSONAL, title_too=True)
        hide_words(session, found, hiding, seen=found.version, by=moderator, now=clock())
        session.commit()
    return words


def test_words_that_are_hidden_later_are_fetched_no_more(
    site: Flask, desk: Browser, tmp_path: Path, clock: Clock
) -> None:
    for filename in ("plannen.csv", "deelname.csv"):
        ask(desk, filename)
    work(site)
    found = (str(a.get("href")) for a in desk.get(PAGE).find(".//a[@href]"))
    turnout, plans = (href for href in found if "/gemaakt/" in href)  # the last one first
    fetch = site.test_client().get
    before, words = fetch(plans).text, hide(site, clock)
    assert words in before
    assert fetch(plans).status_code == 404
    assert fetch(turnout).status_code == 200, "no words of people are in it"
    page = desk.get(PAGE)
    assert "Er is daarna een tekst verborgen of verwijderd." in page.text
    with site.app_context():
        for file in (tmp_path / "exports").iterdir():
            os.utime(file, (0, 0))
        tasks.TASKS[1].run(tasks.TASKS[1].by)
    assert len([*(tmp_path / "exports").iterdir()]) == 1
    desk.post(f"{PAGE}/uw/1/opnieuw", page.hidden(f"{PAGE}/uw/1/opnieuw"))
    work(site)
    made = fetch(plans)
    assert made.status_code == 200
    assert words not in made.text


def test_too_long_a_choice_is_refused_with_the_reason(site: Flask, desk: Browser) -> None:
    choice = "&".join(f"ronde={number:080}" for number in range(60))
    page = desk.get(ask(desk, choice=choice).response.location)
    assert "Dat zijn te veel keuzes voor één bestand." in page.text


def test_no_token_leads_out_of_the_folder(tmp_path: Path) -> None:
    for token in ("../keys/site", "..", "/etc/passwd"):
        assert path_of({"INSTANCE": tmp_path}, token).parent == folder_of({"INSTANCE": tmp_path})


def test_the_time_that_is_left_follows_from_the_speed_so_far(now: datetime) -> None:
    export = Export(rows=100, done=25)
    assert Standing(export, "", now - timedelta(minutes=2)).minutes_left(now) == 6
    assert Standing(export, "", None).minutes_left(now) is None
    export.done = 0
    assert Standing(export, "", now).minutes_left(now) is None


def test_a_job_of_what_is_made_or_gone_makes_nothing(site: Flask, desk: Browser, tmp_path: Path) -> None:
    make = tasks.TASKS[0]
    make.run(make.by, export=1)
    ask(desk)
    work(site)
    (file,) = (tmp_path / "exports").iterdir()
    before = file.stat().st_mtime_ns
    make.run(make.by, export=1)
    assert file.stat().st_mtime_ns == before
    file.unlink()
    Browser(site).get(link(desk.get(PAGE)), status=404)


def test_what_was_dropped_while_it_was_made_is_not_left_on_the_disk(
    site: Flask, desk: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "note_made", lambda *_, **__: False)
    ask(desk)
    work(site)
    assert list((tmp_path / "exports").iterdir()) == []
