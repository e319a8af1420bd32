"""The bundle: what is checked before the outcome is final is what everybody checks at home, byte for byte."""

import hashlib
import re
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from buurtbegroot.areas.models import Area
from buurtbegroot.audit.domain.keys import LogFault
from buurtbegroot.audit.queries.verification import verify_log
from buurtbegroot.box.domain.manifest import Terms
from buurtbegroot.box.domain.published import BundleFault
from buurtbegroot.core.verifying.checks import key_fingerprint
from buurtbegroot.tally import actions
from buurtbegroot.tally.actions.opening import make_bundle
from buurtbegroot.tally.models import Tally
from buurtbegroot.tally.queries import tally_of
from tests.conftest import Clock
from tests.factories import PROGRAM
from tests.factories.guards import unguarded
from tests.factories.tally import Vote, open_vote
from tests.pages import Browser, SignIn
from tests.refusals import refused


@pytest.fixture
def vote(session: Session, areas: dict[str, Area], now: datetime, tmp_path: Path) -> Vote:
    found = open_vote(session, tmp_path, areas=areas, now=now).cast_all([[0], [1, 2], [2], [0]])
    found.cast(1, voter=found.voters[-1])
    return found


def certify(vote: Vote) -> None:
    first, second = vote.people
    asked = actions.request_certify(vote.session, vote.round, by=first, now=vote.later)
    actions.certify(vote.session, vote.round, seen=asked.fingerprint, keys=vote.keys, by=second, now=vote.later)


def bundle_of(vote: Vote) -> Path:
    return vote.keys.folder(vote.round.id).bundle


def faults(vote: Vote) -> list[list[str]]:
    found = tally_of(vote.session, vote.round.id)
    assert found is not None
    return found.faults


def test_what_is_published_verifies_at_home(
    vote: Vote, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vote.close().open().count()
    monkeypatch.setitem(browser.app.config, "KEY_DIRECTORY", str(tmp_path / "keys"))
    slug = vote.round.slug
    assert browser.raw("box.bundle_file", slug=slug).status_code == 404, "not before the outcome is final"
    vote.certify()
    published, program = browser.raw("box.bundle_file", slug=slug).data, browser.raw("box.verifier_file").data
    tally = tally_of(vote.session, vote.round.id)
    assert tally is not None
    assert hashlib.sha256(published).hexdigest() == tally.bundle
    assert vote.keys.anchors(vote.round.id).all("bundle")[-1]["sha256"] == tally.bundle
    (tmp_path / "bundel.zip").write_bytes(published)
    (tmp_path / "verify.py").write_bytes(program)
    key = key_fingerprint(vote.keys.anchors(vote.round.id).signer.key)
    command = [sys.executable, "-I", "-S", "-E", "verify.py", "bundel.zip", "--key", key]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    listed = browser.raw("box.list_file", slug=slug, name="leaves.txt")
    assert listed.data == vote.keys.folder(vote.round.id).list("leaves.txt").read_bytes()
    assert browser.raw("box.list_file", slug=slug, name="keys.json").status_code == 404
    page = browser.get("box.show", slug=slug)
    assert f"python3 verify.py {slug}-bundel.zip --key {key}" in page.text


def test_the_same_vote_gives_the_same_bundle(vote: Vote) -> None:
    vote.close().open().count()
    before = bundle_of(vote).read_bytes()
    make_bundle(vote.session, vote.round, keys=vote.keys, by=PROGRAM)
    assert bundle_of(vote).read_bytes() == before
    assert faults(vote) == []


def test_the_log_vouches_for_the_count_at_every_step_and_for_the_bundle_once_it_is_final(vote: Vote) -> None:
    named = f"round:{vote.round.slug}"
    for step in ("close", "open", "count", "certify"):
        getattr(vote, step)()
        assert named not in verify_log(vote.session).otherwise, step
    with unguarded(vote.session):
        vote.session.execute(text("UPDATE tally SET bundle = ''"))
    assert named in verify_log(vote.session).otherwise


def test_another_bundle_is_never_certified(vote: Vote) -> None:
    vote.close().open().count()
    whole = bundle_of(vote).read_bytes()
    for other in (b"", whole[:-1], whole.replace(b"[0]", b"[1]", 1) + b"x"):
        bundle_of(vote).write_bytes(other)
        with refused(BundleFault.OTHER):
            certify(vote)
        vote.session.rollback()
    bundle_of(vote).write_bytes(whole)
    certify(vote)


def test_nobody_certifies_in_the_time_to_check(
    session: Session, areas: dict[str, Area], now: datetime, tmp_path: Path, signed_in: SignIn, clock: Clock
) -> None:
    vote = open_vote(session, tmp_path, areas=areas, now=now, terms=Terms(check_days=3))
    vote.cast_all([[0]] * 10).close().open().count()
    ends, (first, second) = vote.later + timedelta(days=3), vote.people
    clock.now = ends - timedelta(minutes=1)
    page = signed_in(first).get("tally_organiser.show", slug=vote.round.slug).text
    assert re.search(r"Vaststellen kan vanaf \D*2 december 2026\D*12[.:]00", page), page
    assert "Vraag om vast te stellen" not in page
    with refused(BundleFault.TOO_EARLY):
        actions.request_certify(vote.session, vote.round, by=first, now=ends - timedelta(seconds=1))
    vote.session.execute(update(Tally).values(opened_at=now - timedelta(days=3)))
    vote.session.commit()
    asked = actions.request_certify(vote.session, vote.round, by=first, now=now)
    vote.session.commit()
    with refused(BundleFault.TOO_EARLY):
        actions.certify(
            vote.session,
            vote.round,
            seen=asked.fingerprint,
            keys=vote.keys,
            by=second,
            now=ends - timedelta(seconds=1),
        )
    vote.session.rollback()
    actions.certify(vote.session, vote.round, seen=asked.fingerprint, keys=vote.keys, by=second, now=ends)


def test_without_a_bundle_nobody_can_ask(vote: Vote) -> None:
    vote.close().open().count()
    vote.session.execute(text("UPDATE tally SET bundle = ''"))
    vote.session.expire_all()
    with refused(BundleFault.NO_BUNDLE):
        actions.request_certify(vote.session, vote.round, by=vote.people[0], now=vote.later)


def test_a_void_that_the_log_does_not_tell_of_is_a_fault(vote: Vote) -> None:
    with unguarded(vote.session):
        vote.session.execute(text("UPDATE registered_code SET status = 'void'"))
    vote.session.commit()
    vote.close().open().count()
    assert {(check, fault) for check, fault, _ in faults(vote)} == {("V4", "void_unsaid")}
    with refused(BundleFault.FAULTY):
        actions.request_certify(vote.session, vote.round, by=vote.people[0], now=vote.later)
    vote.session.execute(text("UPDATE tally SET faults = '[]'"))
    vote.session.expire_all()
    with refused(BundleFault.FAULTY):
        certify(vote)


def test_a_line_that_the_program_did_not_write_is_never_signed(vote: Vote) -> None:
    with unguarded(vote.session):
        vote.session.execute(text("UPDATE audit_entry SET mark = hash WHERE action = 'voting.opened'"))
    vote.session.commit()
    with refused(LogFault.NOT_OURS):
        vote.close().open().count()


def test_an_outcome_that_somebody_wrote_into_the_database_is_a_fault(vote: Vote) -> None:
    vote.close().open().count()
    tally = tally_of(vote.session, vote.round.id)
    assert tally is not None
    tally.trace = tally.trace.replace('"votes":2', '"votes":3', 1)
    vote.session.commit()
    make_bundle(vote.session, vote.round, keys=vote.keys, by=PROGRAM)
    assert ("V9", "other_result") in {(check, fault) for check, fault, _ in faults(vote)}
