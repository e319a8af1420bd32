"""Counting tries: as many as may, however many processes count, for a day, and under keys that lead to nobody."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from buurtbegroot.app import create_app
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.limits import counter
from buurtbegroot.limits.domain import Counted, DailySecrets, TooOftenError
from buurtbegroot.limits.models import Attempt
from buurtbegroot.settings import bounds_in
from tests.conftest import NOW, Clock
from tests.live import live
from tests.pages import Browser

DAY = timedelta(days=1)


def tries(rates: str, who: str = "192.0.2.1") -> Counted:
    return Counted(limit="test", who=who, bounds=bounds_in(rates))


@pytest.fixture
def secrets(tmp_path: Path) -> DailySecrets:
    return DailySecrets(tmp_path / "keys")


def wait(session: Session, one: Counted, secrets: DailySecrets, *, now: datetime) -> int:
    """Return how long to wait for the next try, 0 when there is room."""
    try:
        counter.check(session, one, secrets=secrets, now=now)
    except TooOftenError as refusal:
        return refusal.seconds
    return 0


def test_the_wait_is_the_true_one_for_each_bound(session: Session, secrets: DailySecrets) -> None:
    one = tries("2 per minute; 3 per hour")
    for seconds in (0, 10):
        assert wait(session, one, secrets, now=NOW + timedelta(seconds=seconds)) == 0
        counter.count(session, one, secrets=secrets, now=NOW + timedelta(seconds=seconds))
    assert wait(session, one, secrets, now=NOW + timedelta(seconds=10.5)) == 50
    assert wait(session, one, secrets, now=NOW + timedelta(seconds=59)) == 1
    counter.count(session, one, secrets=secrets, now=NOW + timedelta(seconds=60))
    assert wait(session, one, secrets, now=NOW + timedelta(seconds=60)) == 3540
    assert wait(session, tries("2 per minute", "192.0.2.2"), secrets, now=NOW) == 0


def test_a_day_does_not_end_at_midnight(session: Session, secrets: DailySecrets) -> None:
    one, late = tries("1 per day"), NOW.replace(hour=23, minute=59)
    counter.count(session, one, secrets=secrets, now=late)
    assert wait(session, one, secrets, now=late + timedelta(minutes=2)) == 86_400 - 120
    assert wait(session, one, secrets, now=late + DAY) == 0


def test_what_is_over_a_day_old_is_gone_with_its_secret(
    session: Session, secrets: DailySecrets, tmp_path: Path
) -> None:
    one, keys = tries("9 per day"), tmp_path / "keys"
    for days in range(3):
        counter.count(session, one, secrets=secrets, now=NOW + days * DAY)
    counter.forget_old(session, secrets=secrets, now=NOW + 2 * DAY + timedelta(hours=1))
    assert session.scalar(select(func.count()).select_from(Attempt)) == 1
    assert sorted(path.name for path in keys.iterdir()) == ["limits-2026-11-22.key", "limits-2026-11-23.key"]
    assert {path.stat().st_mode & 0o077 for path in keys.iterdir()} == {0}


def test_the_table_names_nobody(session: Session, secrets: DailySecrets) -> None:
    one = tries("9 per day", who="mens@example.org")
    for days in range(2):
        counter.count(session, one, secrets=secrets, now=NOW + days * DAY)
    keys = session.scalars(select(Attempt.key)).all()
    assert len(set(keys)) == 2, "each day another key"
    assert all(len(key) == 32 for key in keys)
    assert "example" not in str(session.execute(text("SELECT * FROM attempt")).all())


@pytest.fixture
def two(tmp_path: Path) -> Iterator[list[Flask]]:
    """Two apps on one database, as two processes are."""
    with live(tmp_path, RATELIMIT_ENABLED=True, WTF_CSRF_ENABLED=False, MAILBOX_LINKS="7 per hour") as first:
        places = ("INSTANCE", "KEY_DIRECTORY", "SECRET_KEY", "SQLALCHEMY_DATABASE_URI")
        same = {name: first.config[name] for name in (*places, "RATELIMIT_ENABLED", "MAILBOX_LINKS")}
        second = create_app(same | {"TESTING": True, "WTF_CSRF_ENABLED": False, "SESSION_COOKIE_SECURE": False})
        yield [first, second]
        with second.app_context():
            db.engine.dispose()


def test_two_processes_that_count_at_once_count_together(two: list[Flask]) -> None:
    begin, answers = threading.Barrier(12), []

    def ask(number: int) -> None:
        client = two[number % 2].test_client()
        begin.wait()
        form = {"email": f"mens+{number}@example.org"}
        answer = client.post("/account/inloggen", data=form, environ_base={"REMOTE_ADDR": f"192.0.2.{number}"})
        answers.append((answer.status_code, "Retry-After" in answer.headers))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [(303, False)] * 7 + [(429, True)] * 5
    with two[0].app_context(), writing():
        assert db.session.scalar(select(func.count()).select_from(Attempt)) == 14, "for network and mailbox, 7 times"


def test_the_page_says_how_long(
    browser: Browser, clock: Clock, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(browser.app.config, "RATELIMIT_ENABLED", True)
    monkeypatch.setitem(browser.app.config, "SIGN_IN_TRIES", "1 per 3 hours")
    browser.post("accounts.sign_in", {"email": "x"}, status=422)
    for minutes, told in ((0, "3 uur"), (61, "119 minuten"), (118, "60 seconden")):
        clock.now += timedelta(minutes=minutes)
        page = browser.post("accounts.sign_in", {"email": "x"}, status=429)
        assert f"Over {told} kunt u het opnieuw proberen" in page.text
    assert page.response.headers["Retry-After"] == "60"
