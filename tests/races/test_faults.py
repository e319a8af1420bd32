"""What goes wrong around the vote: locks, a full disk, no tables, kills, closing; no acknowledged ballot is lost."""

import re
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.message import Message
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError

from buurtbegroot.accounts.models import Role
from buurtbegroot.app import create_app
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.opener import open_box
from buurtbegroot.consistency import Found
from buurtbegroot.database import snapshot, writing
from buurtbegroot.extensions import db
from buurtbegroot.rounds.models import Round
from buurtbegroot.tally.actions import confirm_close, count_round, request_close
from buurtbegroot.tally.actions.opening import take_in
from buurtbegroot.tally.queries import opened_ballots, tally_of
from buurtbegroot.tally.queries.counting import counted
from tests.databases import fresh_uri, small_server
from tests.factories import PROGRAM
from tests.factories.accounts import person
from tests.factories.consistency import found_wrong
from tests.races.voters import PATIENCE_SECONDS, Answer, Crowd, Vote, Voter, vote_on
from tests.servers import Server, serving

BOTH = pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
RESPAWN = ["--respawn-failed-workers", "--workers-kill-timeout", "2s", "--log-level", "critical"]
KILLS, WORKERS = 3, 2
SHORT_WAIT: dict[str, dict[str, Any]] = {  # the house waits eight seconds for a lock
    "sqlite": {"SQLALCHEMY_ENGINE_OPTIONS": {"connect_args": {"isolation_level": None, "timeout": 1}}},
    "postgresql": {"SQLALCHEMY_ENGINE_OPTIONS": {"connect_args": {"options": "-c lock_timeout=1s -c timezone=UTC"}}},
}


@contextmanager
def locked(vote: Vote) -> Iterator[None]:
    """Hold the lock for writing in the ballot box on a connection of our own."""
    address = vote.settings["SQLALCHEMY_DATABASE_URI"]
    if address.startswith("sqlite"):
        with closing(sqlite3.connect(address.removeprefix("sqlite:///"), isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
    else:
        with psycopg.connect(address) as connection:
            connection.execute("LOCK TABLE ballot_box IN EXCLUSIVE MODE")
            yield
            connection.rollback()


@pytest.mark.race
@BOTH
def test_a_locked_box_asks_for_patience_and_loses_nothing(kind: str, tmp_path: Path) -> None:
    with vote_on(kind, tmp_path, codes=2, settings=SHORT_WAIT[kind]) as vote, serving(vote.settings) as server:
        early, late = Voter(server.url, vote.slug), Voter(server.url, vote.slug)
        assert early.vote(vote.codes[0], vote.plans[0]).status == 303
        promised = early.receipt()
        late.choose(vote.plans[1])
        with locked(vote):
            assert late.enter(vote.codes[1]).status == 303, "entering a code writes nothing"
            refused = late.send()
            assert refused.status == 503
            assert int(refused.headers["Retry-After"]) > 0
            assert "probeer het opnieuw" in refused.text
            assert {late.get().status, late.get("/controleren").status, early.get("/klaar").status} == {200}
        assert late.send().status == 303
        assert vote.in_box() == {promised.leaf, late.receipt().leaf}
        assert not {status for status in early.statuses + late.statuses if status == 500}


@BOTH
def test_a_database_without_tables_is_out_of_service(kind: str, tmp_path: Path) -> None:
    uri = fresh_uri(tmp_path, kind)
    app = create_app({"INSTANCE": str(tmp_path), "SECRET_KEY": "x", "SQLALCHEMY_DATABASE_URI": uri, "TESTING": True})
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    for path in ("/", "/rondes", "/plannen", "/akkoord", "/logboek", "/rondes/x/stemmen"):
        answer = client.get(path)
        assert answer.status_code == 503, path
        assert answer.headers["Retry-After"]
    assert client.post("/rondes/x/stemmen/controleren").status_code == 503
    with app.app_context():
        db.engine.dispose()


@pytest.mark.slow
def test_a_full_disk_takes_whole_ballots_or_none(tmp_path: Path) -> None:
    with vote_on("sqlite", tmp_path, codes=40) as vote:
        room = _database_pages(vote) + 6
        with vote.app.app_context():
            event.listen(
                db.engine, "connect", lambda connection, _: connection.execute(f"PRAGMA max_page_count={room}")
            )
            db.engine.dispose()
        statuses = []
        for code in vote.codes:
            statuses.append(InProcess(vote).vote(code, vote.plans[0]).status)
        assert set(statuses) == {303, 503}, "the disk was to fill up halfway"
        assert len(vote.in_box()) == statuses.count(303)
        room *= 10
        with vote.app.app_context():
            db.engine.dispose()
        late = vote.codes[statuses.index(503)]
        assert InProcess(vote).vote(late, vote.plans[0]).status == 303
        assert len(vote.in_box()) == statuses.count(303) + 1


class InProcess(Voter):
    """A voter at an app in this process."""

    def __init__(self, vote: Vote) -> None:
        super().__init__("http://localhost", vote.slug)
        self._client = vote.app.test_client()

    def _open(self, request: Any) -> Any:
        path = request.full_url.removeprefix("http://localhost")
        if request.data is None:
            response = self._client.get(path)
        else:
            response = self._client.post(path, data=request.data, content_type="application/x-www-form-urlencoded")
        self.statuses.append(response.status_code)
        headers = Message()
        for name, value in response.headers:
            headers[name] = value
        return Answer(response.status_code, headers, response.text)


def _database_pages(vote: Vote) -> int:
    with vote.app.app_context():
        return int(db.session.connection().exec_driver_sql("PRAGMA page_count").scalar_one())


STORMS = [(4, KILLS, 2), pytest.param(160, 200, 100, marks=pytest.mark.nightly)]  # codes, kills, ballots between two


@pytest.mark.race
@pytest.mark.parametrize(("codes", "kills", "between"), STORMS)
@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.nightly)])
def test_killing_workers_loses_no_acknowledged_ballot(
    kind: str, codes: int, kills: int, between: int, tmp_path: Path
) -> None:
    with (
        vote_on(kind, tmp_path, codes=codes) as vote,
        serving(vote.settings, workers=WORKERS, options=RESPAWN) as server,
    ):
        crowd = Crowd(vote, server.url)
        with crowd.voting():
            for _ in range(kills):
                crowd.wait_for(votes=between)
                oldest_worker(server).kill()
                assert wrong(vote) == set()
        assert_none_lost_or_double(crowd, vote)
        assert crowd.votes >= kills * between
        assert crowd.statuses <= {0, 200, 303}


@pytest.mark.race
@pytest.mark.parametrize(("codes", "kills", "between"), STORMS)
def test_killing_postgresql_loses_no_acknowledged_ballot(codes: int, kills: int, between: int, tmp_path: Path) -> None:
    with (
        small_server() as (home, uri),
        vote_on("postgresql", tmp_path, codes=codes, settings={"SQLALCHEMY_DATABASE_URI": uri}) as vote,
        serving(vote.settings, workers=WORKERS, options=RESPAWN) as server,
    ):
        crowd = Crowd(vote, server.url)
        with crowd.voting():
            for number in range(kills):
                crowd.wait_for(votes=between)
                (oldest_worker(server) if number % 2 else a_backend(home)).kill()
                assert wrong(vote) == set()
        assert_none_lost_or_double(crowd, vote)
        assert crowd.statuses <= {0, 200, 303, 503}


def a_backend(home: Path) -> psutil.Process:
    """Return a process of PostgreSQL that serves a connection: when one is killed, the server crashes and recovers."""
    postmaster = psutil.Process(int((home / "postmaster.pid").read_text().split()[0]))
    while True:
        for each in postmaster.children():
            with suppress(psutil.NoSuchProcess):
                if re.match(r"postgres: postgres postgres ", " ".join(each.cmdline())):
                    return each
        time.sleep(0.05)


def wrong(vote: Vote) -> set[Found]:
    """Return what `fsck` finds twice: what is being done just then is no fault. Waits for a database that recovers."""
    found = [_found(vote)]
    if found[0]:
        found.append(_found(vote))
    return set.intersection(*found)


def _found(vote: Vote) -> set[Found]:
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with vote.app.app_context(), snapshot(db.session()):
                keys = KeyStore(vote.settings["KEY_DIRECTORY"])
                found = set(found_wrong(db.session(), keys=keys, now=datetime.now(UTC)))
                db.session.rollback()
                return {each for each in found if each.name != "job"}  # no worker runs here
        except (OperationalError, InterfaceError, InternalError):
            assert time.monotonic() < until
            time.sleep(0.1)


def assert_none_lost_or_double(crowd: Crowd, vote: Vote) -> None:
    in_box, superseded = vote.in_box(), vote.superseded()
    assert {receipt.leaf for own in crowd.receipts.values() for receipt in own} <= in_box | superseded
    assert len(in_box) == len(vote.codes)
    assert len(in_box | superseded) == vote.revisions()
    for code, own in crowd.receipts.items():
        assert vote.revision(code) >= own[-1].rev >= len(own) > 0


def oldest_worker(server: Server) -> psutil.Process:
    """Return the process that answers requests longest: granian gives up when its newest one dies at once."""
    living = (child for child in server.process.children() if child.status() != psutil.STATUS_ZOMBIE)
    workers = [child for child in living if "resource_tracker" not in " ".join(child.cmdline())]
    return min(workers, key=psutil.Process.create_time)


@pytest.mark.race
def test_a_database_that_hangs_up_is_no_crash(tmp_path: Path) -> None:
    with vote_on("postgresql", tmp_path, codes=4) as vote, serving(vote.settings, workers=WORKERS) as server:
        crowd = Crowd(vote, server.url)
        with crowd.voting():
            for _ in range(KILLS):
                crowd.wait_for(votes=2)
                _hang_up(vote)
        assert {receipt.leaf for own in crowd.receipts.values() for receipt in own} <= vote.in_box() | vote.superseded()
        assert crowd.statuses <= {200, 303, 503}


@pytest.mark.race
def test_a_commit_that_is_never_answered_can_be_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with vote_on("postgresql", tmp_path, codes=1) as vote:
        voter = InProcess(vote)
        voter.choose(vote.plans[0])
        voter.enter(vote.codes[0])
        form = voter.get("/controleren")
        with vote.app.app_context(), monkeypatch.context() as patched:
            patched.setattr(db.engine.dialect, "do_commit", _commit_and_hang_up)
            unsure = voter.resend(form)
        assert (unsure.status, unsure.headers["Retry-After"]) == (503, "5")
        assert "Wij weten niet of het gelukt is" in unsure.text
        [promised] = vote.in_box()
        assert voter.resend(form).status == 303
        assert (voter.receipt().leaf, vote.in_box(), vote.superseded()) == (promised, {promised}, set())


def _commit_and_hang_up(pooled: Any) -> None:
    pooled.commit()
    pooled.dbapi_connection.close()
    raise psycopg.OperationalError("the connection is lost")


def _hang_up(vote: Vote) -> None:
    with psycopg.connect(vote.settings["SQLALCHEMY_DATABASE_URI"]) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.mark.race
@BOTH
def test_closing_while_people_vote(kind: str, tmp_path: Path) -> None:
    voters = 6
    with vote_on(kind, tmp_path, codes=voters) as vote, serving(vote.settings, workers=WORKERS) as server:
        people = [Voter(server.url, vote.slug) for _ in range(voters)]
        busy, shut = threading.Semaphore(0), threading.Event()

        def vote_until_shut(number: int) -> tuple[int, int]:
            """Return how many ballots were acknowledged, and what a form that was open all the time got in the end."""
            voter, taken = people[number], 0
            voter.choose(vote.plans[number % 2])
            voter.enter(vote.codes[number])
            unsent = voter.get("/controleren")
            while not shut.is_set():
                voter.choose(vote.plans[number % 2])
                taken += voter.send().status == 303
                busy.release()
            return taken, voter.resend(unsent).status

        with ThreadPoolExecutor(voters) as pool:
            running = [pool.submit(vote_until_shut, number) for number in range(voters)]
            for _ in range(2 * voters):
                assert busy.acquire(timeout=PATIENCE_SECONDS)
            closed = _close(vote)
            shut.set()
            taken, late = zip(*(each.result() for each in running), strict=True)
        assert set(late) <= {409, 410}
        assert closed == sum(taken)
        assert _counted(vote) == Counter(vote.plans[number % 2] for number, times in enumerate(taken) if times)
        assert sum(taken) > 0
        assert {status for voter in people for status in voter.statuses} <= {200, 303, 409, 410}


def _close(vote: Vote) -> int:
    """Close with two people at a moment after the vote; return how many envelopes there are from then on."""
    with vote.app.app_context(), writing():
        session, now = db.session(), datetime.now(UTC) + timedelta(days=8)
        round_ = session.scalars(select(Round).where(Round.id == vote.round_id)).one()
        first, second = person(session, Role.COORDINATOR, "E"), person(session, Role.COORDINATOR, "E")
        seen = request_close(session, round_, by=first, now=now).fingerprint
        session.commit()
        keys = KeyStore(vote.settings["KEY_DIRECTORY"])
        tally = confirm_close(session, round_, seen=seen, by=second, keys=keys, now=now)
        session.commit()
        return tally.envelopes


def _counted(vote: Vote) -> Counter[int]:
    """Open and count; return how often each plan was chosen on the ballots that count."""
    with vote.app.app_context(), writing():
        session, now = db.session(), datetime.now(UTC) + timedelta(days=8)
        round_ = session.scalars(select(Round).where(Round.id == vote.round_id)).one()
        keys = KeyStore(vote.settings["KEY_DIRECTORY"])
        keys.destroy_link(round_.id)
        open_box(keys.folder(round_.id).path, now=now)
        take_in(session, round_, keys=keys, by=PROGRAM, now=now)
        count_round(session, round_, counted(session, round_, keys=keys), by=PROGRAM, now=now)
        session.commit()
        tally = tally_of(session, round_.id)
        assert tally is not None
        assert {name: tally.left_out[name] for name in ("refused", "strangers", "gone")} == {
            "refused": [],
            "strangers": {},
            "gone": [],
        }
        ballots = list(opened_ballots(session, vote.round_id))
        assert len(ballots) == tally.valid_ballots
        return Counter(choice for ballot in ballots for choice in ballot.choices)
