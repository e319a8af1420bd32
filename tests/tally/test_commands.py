"""The commands of a count: they open in batches, count once, and fail loudly when a recount differs."""

from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.extensions import db
from buurtbegroot.purging import rewrite
from buurtbegroot.tally.commands import group
from buurtbegroot.tally.queries import EXPLAIN, tally_of
from buurtbegroot.tally.tasks import OPENED
from buurtbegroot.work.queries import job_of
from tests.factories.areas import small_city
from tests.factories.guards import unguarded
from tests.factories.tally import Vote, open_vote
from tests.pages import Browser


@pytest.fixture
def vote(session: Session, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Vote:
    found = open_vote(session, tmp_path, areas=small_city(session), now=now).cast_all([[0], [1, 2], [2]]).close()
    monkeypatch.setattr(KeyStore, "from_config", classmethod(lambda _cls, _config: found.keys))
    # the test's own transaction would keep PostgreSQL from rewriting its tables
    for name in ("rewrite", "purge"):
        monkeypatch.setattr(f"buurtbegroot.tally.tasks.{name}", lambda *_tables: None)
    return found


def run(*arguments: str) -> Result:
    return CliRunner().invoke(group, list(arguments), prog_name="buurtbegroot tally")


def test_open_count_and_recount(vote: Vote) -> None:
    slug = vote.round.slug
    assert "not opened" in run("count", slug).output
    assert "3 of 3 opened" in run("open", slug).output
    counted = run("count", slug).output
    assert "3 ballots" in counted
    assert job_of(vote.session, EXPLAIN, {"round_id": vote.round.id}), "the worker goes on"
    assert "already counted" in run("count", slug).output
    assert run("recount", slug).exit_code == 0
    tally = tally_of(vote.session, vote.round.id)
    assert tally is not None
    assert tally.recounts == 1
    vote.session.execute(text("UPDATE plan_result SET votes = votes + 1 WHERE rank = 1"))
    vote.session.expire_all()
    altered = run("recount", slug)
    assert (altered.exit_code, "differs in plans" in altered.output) == (1, True)
    assert "3 of 3 opened" in run("again", slug).output
    assert run("count", slug).output == counted
    assert run("recount", slug).exit_code == 0


def test_the_bundle_is_made_and_checked_by_a_command(vote: Vote) -> None:
    slug = vote.round.slug
    vote.open().count()
    made = run("bundle", slug)
    tally = tally_of(vote.session, vote.round.id)
    assert tally is not None
    assert made.output == f"bundle {tally.bundle}\n"
    tally.trace = tally.trace.replace('"votes":1', '"votes":2', 1)
    vote.session.commit()
    faulty = run("bundle", slug)
    assert (faulty.exit_code, "V9 other_result" in faulty.output) == (1, True)


@pytest.mark.parametrize(("written", "told"), [(b"[]", "envelopes"), (None, "missing")])
def test_an_opener_that_refuses_says_why(vote: Vote, written: bytes | None, told: str) -> None:
    folder = vote.keys.folder(vote.round.id)
    if written is None:
        folder.secret.unlink()
    else:
        folder.box.write_bytes(written)
    opened = run("open", vote.round.slug)
    assert opened.exit_code == 1
    assert (told if written is None else "box") in opened.output
    assert tally_of(vote.session, vote.round.id).opened_at is None  # type: ignore[union-attr]


def test_nothing_is_forgotten_of_a_vote_that_is_open(vote: Vote) -> None:
    with unguarded(vote.session):
        vote.round.closed_at = None
    vote.session.commit()
    assert "not closed" in run("open", vote.round.slug).output
    assert vote.keys.folder(vote.round.id).link.exists()


def test_explain_takes_up_every_round_that_waits(vote: Vote) -> None:
    slug = vote.round.slug
    assert "not counted" in run("explain", slug).output or run("explain", slug).exit_code == 1
    vote.open().count()
    assert run("explain").output == "0 of 1 plans that lost explained\n1 of 1 plans that lost explained\n"
    assert (run("explain").output, run("explain", slug).output) == ("", "1 of 1 plans that lost explained\n")
    assert "there is no round nergens" in run("explain", "nergens").output


def test_tables_are_rewritten_on_the_real_database(app: Flask) -> None:
    rewrite(db.engine, OPENED)


def test_wrong_moments_and_names(vote: Vote) -> None:
    assert "there is no round nergens" in run("recount", "nergens").output
    assert "not counted" in run("recount", vote.round.slug).output
    vote.keys.destroy(vote.round.id)
    assert "is missing" in run("open", vote.round.slug).output


def test_who_has_a_copy_of_the_keys_is_for_everyone_to_read(vote: Vote, browser: Browser) -> None:
    slug = vote.round.slug
    assert "Er is niet vastgelegd dat iemand een kopie heeft." in browser.get("box.show", slug=slug).text
    assert run("keys-copied", slug, " kluis van het stadsdeel ").output == "copy 1 is in the log\n"
    assert run("keys-copied", slug, "griffie").output == "copy 2 is in the log\n"
    assert [run("copy-destroyed", slug, copy).exit_code for copy in ("3", "1", "1")] == [1, 0, 1]
    page = browser.get("box.show", slug=slug)
    first, second = ["".join(row.itertext()) for row in page.find(".//tbody/tr")]
    assert ("kluis van het stadsdeel" in first, "Nog niet vastgelegd" in first) == (True, False)
    assert ("griffie" in second, "Nog niet vastgelegd" in second) == (True, True)
    log = browser.get("audit.index").text
    assert "nummer 1, bij kluis van het stadsdeel." in log
    assert "Kopie 1 van de sleutels is vernietigd." in log
