"""What nobody may learn before a result is certified, and what an error may not carry away."""

import json
import logging
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import inspect, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role
from buurtbegroot.acts import ANYONE
from buurtbegroot.booth.actions.casting import cast_ballot
from buurtbegroot.box.opener import open_box
from buurtbegroot.core.code_keys import derive_key
from buurtbegroot.core.credentials import locator
from buurtbegroot.core.phases import Phase
from buurtbegroot.database import Model, writing
from buurtbegroot.extensions import db
from buurtbegroot.tally import actions as tally
from buurtbegroot.tally.actions.opening import take_in
from buurtbegroot.tally.queries.counting import counted
from tests.conftest import NOW, Clock
from tests.factories import PROGRAM
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.factories.voting import OpenVote, form, open_vote_in
from tests.live import live
from tests.security.conftest import City
from tests.security.test_access import requests, send

pytestmark = pytest.mark.slow  # together they take seconds

COUNTED, MOST = 67, 61  # how many voted, and for the winner: numbers that stand on no page by chance
FIXED_BEFORE = ("/manifest.json", "/leaves.txt")  # made before the vote; hexadecimal digits only
SECRET_TABLES = ("ballot_box", "registered_code", "opened_ballot", "nullifier", "superseded_ballot")


@pytest.fixture
def busy(city: City) -> City:
    """The city after 37 people voted."""
    for number in range(COUNTED):
        chosen = [city.plans[2].id] if number < COUNTED - MOST else [city.plans[1].id]
        cast_ballot(
            city.session,
            round_id=city.voting.round.id,
            k=city.voting.k(number),
            choices=chosen,
            form=form(),
            keys=city.voting.keys,
            by=ANYONE,
            now=NOW,
        )
    city.session.commit()
    return city


def pages_that_say(city: City, kind: str, numbers: set[str]) -> list[tuple[str, str]]:
    """Return the pages where one of these numbers stands by itself, in text or in a file."""
    client, found = city.browser(kind).client, []
    for _rule, method, address in requests(city):
        if method == "GET" and not address.startswith(("/static", "/logboek/")) and not address.endswith(FIXED_BEFORE):
            body = send(client, "GET", address).get_data(as_text=True)
            visible = re.sub(r"<(script|style|svg)\b.*?</\1>|<[^>]+>", " ", body, flags=re.DOTALL)
            words = {word.strip(".,()%") for word in re.split(r'[\s;,"{}\[\]]+', visible)}
            found += [(address, each) for each in numbers & words]
    return found


@pytest.mark.parametrize("kind", ["visitor", "resident", "elsewhere", "coordinator", "staff", "administrator"])
def test_while_people_vote_no_page_says_how_many(busy: City, kind: str) -> None:
    assert pages_that_say(busy, kind, {str(COUNTED), str(MOST)}) == []


@pytest.mark.parametrize("kind", ["visitor", pytest.param("resident", marks=pytest.mark.nightly), "elsewhere"])
def test_between_the_count_and_the_certificate_no_outcome_shows(busy: City, clock: Clock, kind: str) -> None:
    clock.now = NOW + timedelta(days=5)
    count(busy, clock.now)
    certified = {str(MOST)}
    assert pages_that_say(busy, "coordinator", certified), "the number would be seen if it were there"
    assert pages_that_say(busy, kind, certified) == []


def count(city: City, moment: datetime) -> None:
    session, round_ = city.session, city.voting.round
    first, second = (person(session, Role.COORDINATOR, "E") for _ in range(2))
    seen = tally.request_close(session, round_, by=first, now=moment).fingerprint
    tally.confirm_close(session, round_, seen=seen, by=second, keys=city.voting.keys, now=moment)
    city.voting.keys.destroy_link(round_.id)
    open_box(city.voting.keys.folder(round_.id).path, now=moment)
    take_in(session, round_, keys=city.voting.keys, by=PROGRAM, now=moment)
    tally.count_round(session, round_, counted(session, round_, keys=city.voting.keys), by=PROGRAM, now=moment)
    session.commit()


def test_tables_of_the_vote_hold_no_moment_no_person_and_no_number_of_their_own() -> None:
    for name in SECRET_TABLES:
        table = Model.metadata.tables[name]
        assert {str(column.type) for column in table.columns}.isdisjoint({"DATETIME", "DATE"}), name
        assert "id" not in table.columns
        assert {key.column.table.name for key in table.foreign_keys} == {"round"}
        assert inspect(table).kwargs.get("sqlite_with_rowid") is False, name


def test_no_table_counts_votes_before_the_count() -> None:
    counters = re.compile(r"(votes?|ballots?|stemmen)$|(^|_)count$|^number_of")
    found = {f"{table}.{column.name}" for table in Model.metadata.sorted_tables for column in table.columns}
    outcomes = {"plan_result.votes", "tally.valid_ballots"}  # written by the count, once the box is shut
    assert {each for each in found if counters.search(each.partition(".")[2])} == outcomes | {
        "akkoord_point.target_count"
    }


@pytest.fixture
def failing(tmp_path: Path) -> Iterator[tuple[Flask, OpenVote]]:
    """An app whose database refuses every ballot at the last moment."""
    settings = {"KEY_DIRECTORY": str(tmp_path / "keys"), "CLOCK": lambda: NOW, "PROPAGATE_EXCEPTIONS": False}
    with live(tmp_path, WTF_CSRF_ENABLED=False, **settings) as app, app.app_context():
        with writing():
            round_ = round_in(db.session(), Phase.VOTING, areas=small_city(db.session()), now=NOW)
            for cents in (40_000, 50_000):
                plan(db.session(), round_, now=NOW, cents=cents)
            vote = open_vote_in(db.session(), round_, folder=tmp_path / "keys", now=NOW, derive=derive_key)
            db.session.commit()
            _ = vote.round.slug, vote.booth.salt
            db.session.expunge_all()
            db.session.execute(text("DROP TABLE superseded_ballot"))
            db.session.commit()
        yield app, vote


def test_an_error_while_casting_tells_the_log_nothing_of_the_ballot(
    failing: tuple[Flask, OpenVote], caplog: pytest.LogCaptureFixture
) -> None:
    app, vote = failing
    caplog.set_level(logging.DEBUG)
    code, slug = vote.codes[0], vote.round.slug
    browser = {"User-Agent": "Kanarie/77.0"}
    client = app.test_client()
    client.post(f"/rondes/{slug}/stemmen/code", data={"stemcode": code}, headers=browser)
    page = client.get(f"/rondes/{slug}/stemmen").text
    chosen = re.findall(r'name="kies" value="(\d+)"|value="(\d+)"[^>]*name="kies"', page)
    plan_id = next(filter(None, chosen[0]))
    for number in range(2):  # the second replaces the first, which needs the table that is gone
        form = {"keuze": plan_id, "formulier": f"{number:032x}", "vervangt": number}
        answer = client.post(f"/rondes/{slug}/stemmen/controleren", data=form, headers=browser)
    assert answer.status_code >= 500
    assert caplog.records
    k = derive_key(code, vote.booth.salt)
    place = locator(vote.keys.load(vote.booth.round_id).link_key, k)
    seen = caplog.text + answer.text
    for secret in (code, k.hex(), place.hex(), repr(place), repr(k), "Kanarie", f"{1:032x}"):
        assert secret not in seen


def test_an_error_of_the_database_shows_no_values(session: Session) -> None:
    with pytest.raises(SQLAlchemyError) as caught, session.begin_nested():
        session.execute(text("INSERT INTO nowhere (x) VALUES (:secret)"), {"secret": "KANARIE"})
    assert "KANARIE" not in str(caught.value)


def test_a_stored_ballot_cannot_be_read_without_the_key(busy: City) -> None:
    rows = busy.session.execute(text("SELECT sealed, receipt_ct, mark FROM ballot_box")).all()
    assert len(rows) == COUNTED
    assert len({len(row.sealed) for row in rows}) == 1, "every envelope has one size"
    everything = b"".join(bytes(part) for row in rows for part in row)
    for chosen in busy.plans:
        plain = json.dumps([chosen.id]).encode() + bytes(4)  # with the filling after it: so long is no chance
        assert plain not in everything
