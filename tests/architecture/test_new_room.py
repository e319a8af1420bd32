"""The recipe of docs/new-room.md works: its files, and one place in the list of rooms, make a whole room."""

import json
import re
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

import buurtbegroot
from buurtbegroot.accounts.models import User
from buurtbegroot.app import create_app
from buurtbegroot.cli import add_commands
from buurtbegroot.database import Model, writing
from buurtbegroot.extensions import db
from buurtbegroot.house import ROOMS
from buurtbegroot.rooms import Room
from buurtbegroot.web.register import rooms_of
from tests.conftest import NOW
from tests.databases import fresh_uri
from tests.factories.accounts import person
from tests.pages import Browser

RECIPE = Path(__file__).parents[2] / "docs" / "new-room.md"
FILE = re.compile(r"^`(?P<path>(?:buurtbegroot|templates)/notes/\S+?)`.*?```\w+\n(?P<text>.*?)```$", re.M | re.S)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the room, outside the package."""
    folder = tmp_path_factory.mktemp("outside")
    for path, text in FILE.findall(RECIPE.read_text(encoding="utf-8")):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    (folder / "buurtbegroot" / "notes" / "__init__.py").touch()
    return folder


@pytest.fixture(scope="module")
def notes(place: Path) -> Iterator[Room]:
    """The room of the recipe; afterwards it is as if it had never been."""
    buurtbegroot.__path__.append(str(place / "buurtbegroot"))
    room: Room = import_module("buurtbegroot.notes.room").ROOM
    yield room
    Model.metadata.remove(Model.metadata.tables["note"])
    for name in [name for name in sys.modules if name.startswith("buurtbegroot.notes")]:
        del sys.modules[name]
    del buurtbegroot.__dict__["notes"]
    buurtbegroot.__path__.remove(str(place / "buurtbegroot"))


@pytest.fixture
def app(notes: Room, place: Path, tmp_path: Path) -> Iterator[Flask]:
    """An app with one room more, on a database of its own."""
    settings = {"TESTING": True, "SECRET_KEY": "test", "WTF_CSRF_ENABLED": False, "RATELIMIT_ENABLED": False}
    own = {"INSTANCE": str(tmp_path), "SQLALCHEMY_DATABASE_URI": fresh_uri(tmp_path), "CLOCK": lambda: NOW}
    found = create_app(settings | own, rooms=(*ROOMS, notes))
    found.jinja_loader.searchpath.append(str(place / "templates"))  # type: ignore[union-attr]
    with found.app_context():
        with writing():
            Model.metadata.create_all(db.engine)
        yield found
        db.session.remove()
        db.engine.dispose()


def test_the_recipe_makes_a_whole_room(
    app: Flask, session: Session, browser: Browser, signed_in: Callable[[User], Browser]
) -> None:
    user = person(session)
    resident = signed_in(user)
    page = browser.get("pages.home")
    assert "/briefjes" in [link.get("href") for link in page.find(".//header//nav//a")]
    assert "Uw briefjes" in browser.get("pages.privacy").text

    resident.post("notes.write", {"text": "Dag, buurt"})
    assert "Dag, buurt" in browser.get("notes.index").text
    refused = resident.post("notes.write", {"text": ""}, status=409)
    assert "Schrijf eerst iets op het briefje." in refused.text

    log = browser.get("audit.index", soort="notes")
    assert "Iemand liet een briefje achter van 10 letters." in log.text
    assert "briefje 1" in log.text
    assert "Briefjes" in log.text_of(".//select[@name='soort']")

    assert json.loads(resident.raw("accounts.export").data)["notes"] == ["Dag, buurt"]
    resident.post("accounts.delete", {"sure": "y"})
    assert session.scalars(select(Model.metadata.tables["note"].c.text)).all() == []


def test_its_command_runs(app: Flask) -> None:
    db.session.remove()
    add_commands(app.cli, rooms_of(app))
    answer = app.test_cli_runner().invoke(args=["notes", "count"])
    assert answer.output == "0 notes\n"


def test_two_rooms_that_declare_the_same_stop_the_start(notes: Room) -> None:
    with pytest.raises(ValueError, match="declared by two rooms: notes"):
        create_app({"SECRET_KEY": "test", "SQLALCHEMY_DATABASE_URI": "sqlite://"}, rooms=(*ROOMS, notes, notes))
