"""Staff load how many people live where: a fault is told by its line, and nobody writes over a file unseen."""

import io
import threading
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role
from buurtbegroot.acts import ChangedSinceError, NotAllowedError, RefusedError
from buurtbegroot.areas.models import CITY, Area
from buurtbegroot.areas.queries import atlas
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.population.actions import load_population, remove_population
from buurtbegroot.population.commands import group
from buurtbegroot.population.domain.people import People
from buurtbegroot.population.domain.population_file import MOST_BYTES, MOST_ROWS, Wrong, read_population
from buurtbegroot.population.models import PopulationFile, PopulationRow
from buurtbegroot.population.queries import population, version_of
from buurtbegroot.population.words import problem_words
from tests.factories import PROGRAM
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.live import live
from tests.pages import Browser, SignIn

HERE = {"E": True, "EA": True, "EA01": True, "EA02": True, "KA01": False}
FILE = "code;inwoners;huishoudens\nEA01;1.200;700\nea02;900;\n"
LOAD, REMOVE = "population_organiser.load", "population_organiser.remove"


def test_a_file_says_how_many_people_an_area_has() -> None:
    rows = {"EA01": People(1_200, 700), "EA02": People(900, None)}
    for content in (FILE, FILE.replace(";", ","), FILE.replace("\n", "\r\n") + ";;\n\n", "\ufeff" + FILE):
        found = read_population(content.encode(), areas=HERE)
        assert (found.rows, found.problems) == (rows, [])
    swapped = read_population(b"Naam\tInwoners\tCode\nWest\t5\tE\n", areas=HERE)
    assert swapped.rows == {"E": People(5, None)}


@pytest.mark.parametrize(
    ("content", "wrong", "line"),
    [
        (b"", Wrong.NO_HEAD, 0),
        (b"EA01;5\n", Wrong.NO_HEAD, 0),
        (b"code;inwoners\n", Wrong.NO_ROWS, 0),
        (b"code;inwoners\nE;\xff\n", Wrong.NO_TEXT, 0),
        (b'code;inwoners\n"E;5\n', Wrong.NO_TEXT, 0),
        (b"code;inwoners\n" + b"E;5\n" * (MOST_ROWS + 1), Wrong.TOO_MANY_ROWS, 0),
        (b"x" * (MOST_BYTES + 1), Wrong.TOO_LARGE, 0),
        (b"code;inwoners\nE;5\nZZ;5\n", Wrong.UNKNOWN, 3),
        (b"code;inwoners\n\nKA01;5\n", Wrong.ELSEWHERE, 3),
        (b"code;inwoners\nE;5\nE;6\n", Wrong.TWICE, 3),
        (b"code;inwoners\nE;5,5\n", Wrong.NUMBER, 2),
        (b"code;inwoners\nE;-5\n", Wrong.NUMBER, 2),
        (b"code;inwoners\nE;5000001\n", Wrong.NUMBER, 2),
        (b"code;inwoners\nE;\n", Wrong.SAYS_NOTHING, 2),
        (b"code;inwoners\nE;5;6\n", Wrong.CELLS, 2),
        (b"code;inwoners;huishoudens\nE;5;6\n", Wrong.MORE_HOUSEHOLDS, 2),
    ],
)
def test_what_is_wrong_is_told_by_its_line(content: bytes, wrong: Wrong, line: int) -> None:
    (found,) = read_population(content, areas=HERE).problems
    assert (found.wrong, found.line) == (wrong, line)
    assert "%(" not in problem_words(found)
    assert (f"Regel {line}" in problem_words(found)) == bool(line)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_file_is_too_strange(content: bytes) -> None:
    for whole in (content, b"code;inwoners\n" + content):
        read_population(whole, areas=HERE)


@pytest.fixture
def said(now: datetime) -> dict[str, Any]:
    return {"source": "Telling", "counted_on": date(2026, 1, 1), "now": now}


def test_a_newer_file_takes_the_place_of_the_older(
    session: Session, areas: dict[str, Area], said: dict[str, Any]
) -> None:
    by = person(session, Role.STAFF, "E")
    first = load_population(session, areas["E"], {"EA01": People(5, 2)}, seen=0, by=by, **said)
    load_population(session, areas["E"], {"EA02": People(7, None)}, seen=first.version, by=by, **said)
    rows = session.scalars(select(PopulationRow)).all()
    assert [(row.area_code, row.inhabitants, row.households) for row in rows] == [("EA02", 7, None)]
    with pytest.raises(ChangedSinceError):
        load_population(session, areas["E"], {"EA02": People(8)}, seen=1, by=by, **said)
    with pytest.raises(ChangedSinceError):
        load_population(session, areas[CITY], {"EA02": People(8)}, seen=1, by=PROGRAM, **said)
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert entry is not None
    assert (entry.action, entry.object) == ("population.loaded", "population:E")


def test_a_file_is_taken_back_and_a_later_one_is_not_taken_for_it(
    session: Session, areas: dict[str, Area], said: dict[str, Any]
) -> None:
    by, west, now = person(session, Role.STAFF, "E"), areas["E"], said["now"]
    with pytest.raises(RefusedError):
        remove_population(session, west, seen=0, by=by, now=now)
    load_population(session, areas[CITY], {"E": People(5_000)}, seen=0, by=PROGRAM, **said)
    wrong = load_population(session, west, {"E": People(5)}, seen=0, by=by, **said).version
    for who in (person(session), person(session, Role.STAFF, "K")):
        with pytest.raises(NotAllowedError):
            remove_population(session, west, seen=wrong, by=who, now=now)
    remove_population(session, west, seen=wrong, by=by, now=now)
    assert population(session, atlas(session)).of("E").inhabitants == 5_000, "the file of the city counts again"
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert entry is not None
    assert (entry.action, entry.object) == ("population.removed", "population:E")
    with pytest.raises(RefusedError):
        remove_population(session, west, seen=version_of(session, "E"), by=by, now=now)
    newer = load_population(session, west, {"E": People(6)}, seen=version_of(session, "E"), by=by, **said)
    with pytest.raises(ChangedSinceError):
        remove_population(session, west, seen=wrong, by=by, now=now)
    assert newer.version > wrong
    assert population(session, atlas(session)).of("E").inhabitants == 6


def test_nobody_is_counted_on_a_day_that_is_still_to_come(
    session: Session, areas: dict[str, Area], said: dict[str, Any]
) -> None:
    for day in (said["now"].date() + timedelta(days=1), date(1999, 12, 31)):
        with pytest.raises(RefusedError):
            load_population(session, areas["E"], {"EA01": People(5)}, seen=0, by=PROGRAM, **{**said, "counted_on": day})


def test_staff_take_a_file_back_and_see_what_counts_then(
    signed_in: SignIn, session: Session, areas: dict[str, Area]
) -> None:
    browser = signed_in(person(session, Role.STAFF, "E"))
    browser.send(LOAD, sent(FILE), code="E")
    path = browser.path(REMOVE, code="E")
    assert any(each.get("href") == path for each in browser.get("population_organiser.index").find(".//a"))
    page = browser.get(path)
    assert "Telling" in page.text
    assert "niet bekend hoeveel mensen in West wonen" in page.text
    late = page.hidden(path)
    browser.send(LOAD, sent(FILE, bron="Nieuw"), code="E")
    page = browser.post(path, late, status=409)
    assert "Een collega laadde net een ander bestand. Er is niets weg." in page.text
    assert browser.post(path, page.hidden(path)).status == 303
    assert "Geen eigen bestand" in browser.get("population_organiser.index").text
    assert "Er is nog geen bestand" in browser.get(path).text
    assert browser.raw(REMOVE, code="K").status_code == 404


def test_only_who_has_a_role_there_loads_and_only_what_lies_there(
    session: Session, areas: dict[str, Area], said: dict[str, Any]
) -> None:
    rows = {"EA01": People(5)}
    for who in (person(session), person(session, Role.STAFF, "K"), person(session, Role.STAFF, "E")):
        for code in ("K", CITY, "EA") if who.grants and who.grants[0].area_code == "E" else ("E", CITY):
            with pytest.raises(NotAllowedError):
                load_population(session, areas[code], rows, seen=0, by=who, **said)
    for wrong in ({"KA01": People(5)}, {}):
        with pytest.raises(RefusedError):
            load_population(session, areas["E"], wrong, seen=0, by=PROGRAM, **said)


def sent(content: str, **changes: Any) -> dict[str, Any]:
    return {"bron": "Telling", "peildatum": "2026-01-01", "bestand": (io.BytesIO(content.encode()), "i.csv")} | changes


def test_staff_load_a_file_and_see_what_is_wrong_with_it(
    signed_in: SignIn, session: Session, areas: dict[str, Area]
) -> None:
    browser = signed_in(person(session, Role.STAFF, "E"))
    assert "Geen eigen bestand" in browser.get("population_organiser.index").text
    page = browser.send(LOAD, sent("code;inwoners\nKA01;5\nEA01;veel\n", bron=""), code="E", status=422)
    assert "Regel 2, code: KA01 ligt niet in dit gebied." in page.text
    assert "Regel 3, inwoners: veel is geen heel getal" in page.text
    assert session.scalars(select(PopulationFile)).all() == []
    browser.send(LOAD, sent(FILE), code="E")
    (file,) = session.scalars(select(PopulationFile))
    assert (file.owner_code, file.source, file.counted_on) == ("E", "Telling", date(2026, 1, 1))
    assert "Telling" in browser.get("population_organiser.index").text
    assert browser.raw(LOAD, code="K").status_code == 404
    assert browser.raw(LOAD, code="ZZ").status_code == 404


def test_who_is_late_sees_that_a_colleague_was_first(
    signed_in: SignIn, session: Session, areas: dict[str, Area]
) -> None:
    browser = signed_in(person(session, Role.STAFF, "E"))
    path = browser.path(LOAD, code="E")
    late = browser.get(path).hidden(path)
    browser.send(LOAD, sent(FILE), code="E")
    page = browser.post(path, late | sent(FILE, bron="Laat"), status=409)
    assert "Een collega laadde net een ander bestand." in page.text
    assert "Telling, stand van" in page.text
    again = page.hidden(path)
    browser.post(path, again | sent(FILE, bron="Laat"))
    assert session.scalars(select(PopulationFile.source)).all() == ["Laat"]


def test_the_command_loads_or_says_which_line_is_wrong(
    app: Flask, session: Session, areas: dict[str, Area], tmp_path: Path
) -> None:
    session.commit()
    file, options = tmp_path / "inwoners.csv", ["--source", "Telling", "--date", "2020-01-01"]
    file.write_text("code;inwoners\nEA01;x\n")
    run = app.test_cli_runner().invoke
    told = run(group, ["load", str(file), *options])
    assert told.exit_code == 1
    assert "line 2, inwoners: number x" in told.output
    file.write_text(FILE)
    assert "2 areas" in run(group, ["load", str(file), *options]).output
    assert "no area Q" in run(group, ["load", str(file), "--area", "Q", *options]).output
    assert session.scalars(select(PopulationFile.owner_code)).all() == [CITY]


def test_visitors_are_asked_to_sign_in(browser: Browser, areas: dict[str, Area]) -> None:
    assert browser.raw("population_organiser.index").status_code in {302, 303}


def test_of_two_who_load_the_first_file_at_once_one_is_told(tmp_path: Path, said: dict[str, Any]) -> None:
    with live(tmp_path) as app:
        with app.app_context(), writing():
            small_city(db.session())
            db.session.commit()
        start, told = threading.Barrier(2), list[str]()

        def load() -> None:
            with app.app_context(), writing():
                session = db.session()
                start.wait()
                try:
                    load_population(
                        session, session.get_one(Area, "E"), {"EA01": People(5)}, seen=0, by=PROGRAM, **said
                    )
                    session.commit()
                    told.append("loaded")
                except Exception as error:  # told below
                    session.rollback()
                    told.append(type(error).__name__)

        threads = [threading.Thread(target=load) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert sorted(told) == ["ChangedSinceError", "loaded"]


def test_what_is_shown_of_a_file_steers_no_terminal() -> None:
    (problem,) = read_population("code;inwoners\n\x1b[2JEA\u202e01\0;5\n".encode(), areas={"EA01": True}).problems
    assert problem.shown == "[2JEA01"
