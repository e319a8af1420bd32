"""The pages of a count: one thing to do at a time, two people where it matters, nobody from elsewhere."""

import errno
from datetime import datetime, timedelta
from pathlib import Path
from unittest.mock import Mock

import pytest
from flask import Flask
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role
from buurtbegroot.acts import RefusedError
from buurtbegroot.audit.queries import SIGN_LOG
from buurtbegroot.box.actions import sealing
from buurtbegroot.box.actions.sealing import seal_box
from buurtbegroot.box.domain.anchors import KeysFault
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.domain.published import night_of
from buurtbegroot.box.models import SealedBallot
from buurtbegroot.dual_control.models import State
from buurtbegroot.dual_control.queries import last_request
from buurtbegroot.registry.models import CodeKind, RegisteredCode
from buurtbegroot.rounds.queries import round_key
from buurtbegroot.tally.actions import request_certify
from buurtbegroot.tally.actions.opening import note_progress
from buurtbegroot.tally.policy import TallyFault
from buurtbegroot.tally.queries import BUNDLE, EXPLAIN, FORGET, OPEN, REWRITE, jobs_of
from buurtbegroot.tally.tasks import TASKS
from buurtbegroot.texts import long_date
from buurtbegroot.work.models import Job, JobState
from buurtbegroot.work.queries import job_of
from buurtbegroot.work.queue import claim, note_done, note_failure
from tests.conftest import Clock
from tests.factories import PROGRAM
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.factories.dual_control import seen_on
from tests.factories.guards import unguarded
from tests.factories.tally import Vote, open_vote
from tests.pages import Browser, SignIn


def job(vote: Vote, task: str) -> Job:
    found = jobs_of(vote.session, vote.round.id)[task]
    assert found is not None
    return found


def work(vote: Vote, task: str) -> None:
    """Do what the worker would: take the job, run it, say how it ended."""
    held = claim(vote.session, task, every=None, now=vote.later)
    assert held is not None
    vote.session.commit()
    found = next(each for each in TASKS if each.name == task)
    try:
        found.run(found.by, **held.arguments)
    except RefusedError as refusal:
        vote.session.rollback()
        note_failure(vote.session, held, refusal.fault.value, final=True, endless=False, now=vote.later)
    else:
        note_done(vote.session, held, every=None, now=vote.later)
    vote.session.commit()


@pytest.fixture
def vote(
    app: Flask, session: Session, now: datetime, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Vote:
    found = open_vote(session, tmp_path, areas=small_city(session), now=now)
    monkeypatch.setattr(KeyStore, "from_config", classmethod(lambda _cls, _config: found.keys))
    # the test's own transaction would keep PostgreSQL from rewriting its tables
    for name in ("rewrite", "purge"):
        monkeypatch.setattr(f"buurtbegroot.tally.tasks.{name}", lambda *_tables: None)
    clock.now = found.later
    return found.cast_all([[0], [1, 2], [2]])


def test_the_whole_count_by_two_people(vote: Vote, signed_in: SignIn) -> None:
    first, second = (signed_in(user) for user in vote.people)
    slug = vote.round.slug
    page = first.get("tally_organiser.show", slug=slug)
    assert "Stap 1: sluit de stembus" in page.text
    assert "Er kunnen maar 12 mensen stemmen." in page.text
    first.post("tally_organiser.request_closing", slug=slug)
    assert "Nu moet een andere organisator" in first.get("tally_organiser.show", slug=slug).text
    first.post("tally_organiser.close", slug=slug)
    refused = first.get("tally_organiser.show", slug=slug)
    assert "U heeft dit zelf aangevraagd" in refused.text
    assert "Stap 1" in refused.text
    second.post("tally_organiser.close", seen_on(second.get("tally_organiser.show", slug=slug)), slug=slug)
    assert "Er liggen 3 enveloppen" in second.get("tally_organiser.show", slug=slug).text
    second.post("tally_organiser.count", slug=slug)
    assert "Nog niet alle enveloppen zijn open" in second.get("tally_organiser.show", slug=slug).text
    second.post("tally_organiser.open_box", slug=slug)
    response = second.raw("tally_organiser.show", slug=slug)
    assert response.headers["Refresh"] == "3"
    note_progress(vote.session, vote.round, opened=2, by=PROGRAM)
    vote.session.commit()
    assert "2 van de 3 enveloppen zijn open" in second.get("tally_organiser.show", slug=slug).text
    work(vote, OPEN)
    assert "Refresh" not in second.raw("tally_organiser.show", slug=slug).headers
    second.post("tally_organiser.count", slug=slug)
    assert "De server maakt het controlebestand" in second.get("tally_organiser.show", slug=slug).text
    work(vote, BUNDLE)
    preview = first.get("results.preview", slug=slug)
    assert "Deze uitslag is nog niet vastgesteld" in preview.text
    assert preview.heading == "2 plannen krijgen geld"
    first.post("tally_organiser.request_certifying", slug=slug)
    first.post("tally_organiser.certify", slug=slug)
    assert vote.round.certified_at is None
    page = second.get("tally_organiser.show", slug=slug)
    assert "Plannen die geld krijgen" in page.text
    second.post("tally_organiser.certify", seen_on(page), slug=slug)
    assert "De uitslag is bekend" in second.get("tally_organiser.show", slug=slug).text
    second.post("tally_organiser.request_destroying", slug=slug)
    second.post("tally_organiser.destroy", slug=slug)
    assert vote.keys.exists(vote.round.id)
    assert "U heeft dit zelf aangevraagd" in second.get("tally_organiser.show", slug=slug).text
    first.post("tally_organiser.destroy", seen_on(first.get("tally_organiser.show", slug=slug)), slug=slug)
    assert (job(vote, EXPLAIN).state, job(vote, REWRITE).state) == (JobState.WAITING, JobState.WAITING)
    work(vote, REWRITE)
    assert "zijn vernietigd op" in second.get("tally_organiser.show", slug=slug).text
    assert not vote.keys.exists(vote.round.id)
    assert first.get("results.show", slug=slug).status == 200


def test_an_outcome_with_envelopes_that_went_needs_a_reason_for_everyone(
    vote: Vote, signed_in: SignIn, browser: Browser
) -> None:
    seal_box(vote.session, vote.round, night=night_of(vote.now), keys=vote.keys, by=PROGRAM, now=vote.now)
    vote.session.execute(delete(SealedBallot).where(SealedBallot.locator == vote.last_place))
    vote.close().open().count()
    first, second = (signed_in(user) for user in vote.people)
    slug, why = vote.round.slug, "De schijf ging stuk; de rest is <b>nagekeken</b>."
    with pytest.raises(RefusedError) as refused:
        request_certify(vote.session, vote.round, reason=" ", by=vote.people[0], now=vote.later)
    assert refused.value.fault is TallyFault.NO_REASON
    said = first.post("tally_organiser.request_certifying", {"reden": "x" * 301}, status=422, slug=slug)
    assert (said.find(".//textarea[@name='reden']")[0].text or "").strip() == "x" * 301
    assert "Schrijf waarom" in first.post("tally_organiser.request_certifying", status=422, slug=slug).text
    first.post("tally_organiser.request_certifying", {"reden": why}, slug=slug)
    page = second.get("tally_organiser.show", slug=slug)
    assert why in page.text
    second.post("tally_organiser.certify", seen_on(page), slug=slug)
    told = browser.get("results.show", slug=slug).text
    assert "1 envelop die een nacht verzegeld was, is verdwenen." in told
    assert why in told
    assert why in browser.get("audit.index", soort="tally.certified_with_loss").text


def test_two_people_put_on_record_that_the_lists_of_letters_are_gone(
    vote: Vote, signed_in: SignIn, browser: Browser, clock: Clock
) -> None:
    first, second = (signed_in(user) for user in vote.people)
    slug = vote.round.slug
    assert "lijsten van brief" not in first.get("tally_organiser.show", slug=slug).text
    first.post("tally_organiser.request_code_lists", slug=slug)
    assert last_request(vote.session, "code_lists", round_key(vote.round)) is None
    assert "brief naar stemcode" not in browser.get("box.show", slug=slug).text
    vote.finish()
    missing = "Nog niet vastgelegd: dat de lijsten van brief naar stemcode zijn vernietigd."
    for page in ("box.show", "results.show"):
        assert missing in browser.get(page, slug=slug).text
    first.post("tally_organiser.request_code_lists", slug=slug)
    first.post("tally_organiser.note_code_lists", slug=slug)
    assert missing in browser.get("box.show", slug=slug).text
    first.post("tally_organiser.withdraw", {"stap": "code_lists"}, slug=slug)
    first.post("tally_organiser.request_code_lists", slug=slug)
    second.post("tally_organiser.note_code_lists", seen_on(second.get("tally_organiser.show", slug=slug)), slug=slug)
    for page in ("box.show", "results.show"):
        assert f"Twee mensen legden op {long_date(clock.now)}" in browser.get(page, slug=slug).text
        assert missing not in browser.get(page, slug=slug).text
    assert "alle lijsten van brief naar stemcode zijn vernietigd" in browser.get("audit.index").text
    first.post("tally_organiser.request_code_lists", slug=slug)
    vote.session.rollback()
    asked = last_request(vote.session, "code_lists", round_key(vote.round))
    assert asked is not None
    assert asked.state is State.CONFIRMED, "there is nothing left to ask"


def test_without_letters_there_are_no_lists_to_destroy(vote: Vote, browser: Browser) -> None:
    with unguarded(vote.session):
        vote.session.execute(update(RegisteredCode).values(kind=CodeKind.POOL))
    vote.finish()
    for page in ("box.show", "results.show"):
        assert "brief naar stemcode" not in browser.get(page, slug=vote.round.slug).text


def test_what_would_have_been_enough_is_worked_out_beside_the_server(vote: Vote, signed_in: SignIn) -> None:
    coordinator, slug = signed_in(vote.people[0]), vote.round.slug
    vote.close().open()
    coordinator.post("tally_organiser.count", slug=slug)
    page = coordinator.get("tally_organiser.show", slug=slug).text
    assert "Voor 1 plan rekent de server nog uit wat genoeg was geweest." in page
    assert "Stap 4: stel de uitslag vast" in page
    assert "Ga verder met uitrekenen" not in page, "it goes on by itself"
    work(vote, EXPLAIN)
    assert "rekent de server nog uit" not in coordinator.get("tally_organiser.show", slug=slug).text
    coordinator.post("tally_organiser.explain", slug=slug)
    assert job(vote, EXPLAIN).state is JobState.DONE, "nothing is left to start for"


def test_what_nobody_works_out_can_be_started(vote: Vote, signed_in: SignIn) -> None:
    coordinator, slug = signed_in(vote.people[0]), vote.round.slug
    vote.close().open().count()
    vote.session.delete(job(vote, EXPLAIN))
    vote.session.commit()
    assert "Ga verder met uitrekenen" in coordinator.get("tally_organiser.show", slug=slug).text
    coordinator.post("tally_organiser.explain", slug=slug)
    assert job(vote, EXPLAIN).state is JobState.WAITING


def test_an_act_that_is_refused_starts_nothing(vote: Vote, signed_in: SignIn) -> None:
    coordinator, slug = signed_in(vote.people[0]), vote.round.slug
    vote.close()
    for endpoint in ("count", "explain", "rewrite"):
        coordinator.post(f"tally_organiser.{endpoint}", slug=slug)
    vote.open()
    coordinator.post("tally_organiser.open_box", slug=slug)
    asked = {task for task, found in jobs_of(vote.session, vote.round.id).items() if found}
    assert asked == {FORGET}, "which closing asked for"
    assert job_of(vote.session, SIGN_LOG), "and so for a signature under the log"


def test_the_bundle_of_a_certified_vote_is_left_alone(vote: Vote) -> None:
    vote.close().open().count()
    bundle = vote.keys.folder(vote.round.id).bundle
    vote.certify()
    before = bundle.stat().st_mtime_ns
    run = next(task for task in TASKS if task.name == BUNDLE).run
    run(PROGRAM, round_id=vote.round.id)
    assert bundle.stat().st_mtime_ns == before


def test_an_opener_that_breaks_says_no_more_than_what_kind_of_trouble_it_was(vote: Vote) -> None:
    vote.close()
    registry = vote.keys.folder(vote.round.id).registry
    registry.unlink()
    registry.mkdir()
    run = next(task for task in TASKS if task.name == OPEN).run
    with pytest.raises(RuntimeError, match=r"^the opener ended with IsADirectoryError$"):
        run(PROGRAM, round_id=vote.round.id)


def test_an_opening_that_fails_says_why_and_can_be_tried_again(vote: Vote, signed_in: SignIn, tmp_path: Path) -> None:
    coordinator, slug, keys = signed_in(vote.people[0]), vote.round.slug, tmp_path / "keys"
    vote.close()
    coordinator.post("tally_organiser.open_box", slug=slug)
    away = keys.rename(tmp_path / "away")
    work(vote, OPEN)
    assert job(vote, OPEN).reason == KeysFault.NO_KEYS.value
    page = coordinator.get("tally_organiser.show", slug=slug)
    assert "Het openen is nog niet gelukt. De sleutels van deze ronde staan niet op de server." in page.text
    assert "Refresh" not in page.response.headers
    away.rename(keys)
    coordinator.post("tally_organiser.open_box", slug=slug)
    assert "nog niet gelukt" not in coordinator.get("tally_organiser.show", slug=slug).text
    work(vote, OPEN)
    assert "Stap 3" in coordinator.get("tally_organiser.show", slug=slug).text


def test_trouble_that_may_pass_says_when_the_server_tries_again(vote: Vote, signed_in: SignIn) -> None:
    coordinator, slug = signed_in(vote.people[0]), vote.round.slug
    vote.close()
    coordinator.post("tally_organiser.open_box", slug=slug)
    held = claim(vote.session, OPEN, every=None, now=vote.later)
    assert held is not None
    note_failure(vote.session, held, "OperationalError", final=False, endless=False, now=vote.later)
    vote.session.commit()
    page = coordinator.get("tally_organiser.show", slug=slug)
    assert "Er ging iets mis wat niemand had verwacht (OperationalError)." in page.text
    assert "De server probeert het vanzelf opnieuw, vanaf" in page.text
    assert page.response.headers["Refresh"] == "3"


def test_a_page_tells_that_no_worker_begins(vote: Vote, signed_in: SignIn, clock: Clock) -> None:
    coordinator, slug = signed_in(vote.people[0]), vote.round.slug
    vote.close()
    coordinator.post("tally_organiser.open_box", slug=slug)
    assert "nog niet aan begonnen" not in coordinator.get("tally_organiser.show", slug=slug).text
    clock.now += timedelta(minutes=3)
    assert "nog niet aan begonnen" in coordinator.get("tally_organiser.show", slug=slug).text


def test_what_stays_on_disk_is_said_after_secrets_are_destroyed(vote: Vote, signed_in: SignIn) -> None:
    first, second = (signed_in(user) for user in vote.people)
    slug = vote.round.slug
    vote.finish()
    first.post("tally_organiser.request_destroying", slug=slug)
    second.post("tally_organiser.destroy", seen_on(second.get("tally_organiser.show", slug=slug)), slug=slug)
    held = claim(vote.session, REWRITE, every=None, now=vote.later)
    assert held is not None
    note_failure(vote.session, held, "LockNotAvailable", final=True, endless=False, now=vote.later)
    vote.session.commit()
    assert "nog niet van de schijf" in first.get("tally_organiser.show", slug=slug).text
    first.post("tally_organiser.rewrite", slug=slug)
    assert "nog niet van de schijf" not in first.get("tally_organiser.show", slug=slug).text


def test_a_request_can_be_taken_back(vote: Vote, signed_in: SignIn) -> None:
    first = signed_in(vote.people[0])
    first.post("tally_organiser.request_closing", slug=vote.round.slug)
    first.post("tally_organiser.withdraw", {"stap": "close"}, slug=vote.round.slug)
    assert "Vraag om te sluiten" in first.get("tally_organiser.show", slug=vote.round.slug).text


def test_a_missing_key_file_leaves_all_as_it_was(vote: Vote, signed_in: SignIn) -> None:
    first, second = (signed_in(user) for user in vote.people)
    first.post("tally_organiser.request_closing", slug=vote.round.slug)
    vote.keys.destroy(vote.round.id)
    seen = seen_on(second.get("tally_organiser.show", slug=vote.round.slug))
    second.post("tally_organiser.close", seen, slug=vote.round.slug)
    page = second.get("tally_organiser.show", slug=vote.round.slug)
    assert "De sleutels van deze ronde staan niet op de server" in page.text
    assert "Bevestig: sluit de stembus" in page.text
    assert vote.round.closed_at is None


def test_a_full_disk_leaves_the_box_as_it_was(vote: Vote, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (signed_in(user) for user in vote.people)
    slug = vote.round.slug
    first.post("tally_organiser.request_closing", slug=slug)
    with monkeypatch.context() as patched:
        patched.setattr(sealing, "TemporaryFile", Mock(side_effect=OSError(errno.ENOSPC, "No space left on device")))
        page = second.get("tally_organiser.show", slug=slug)
        second.post("tally_organiser.close", seen_on(page), slug=slug, status=503)
    assert vote.round.closed_at is None
    second.post("tally_organiser.close", seen_on(second.get("tally_organiser.show", slug=slug)), slug=slug)
    assert vote.round.closed_at is not None


def test_before_the_end_nobody_closes(vote: Vote, signed_in: SignIn, clock: Clock) -> None:
    clock.now = vote.now
    first = signed_in(vote.people[0])
    assert "Er wordt nog gestemd" in first.get("tally_organiser.show", slug=vote.round.slug).text
    first.post("tally_organiser.request_closing", slug=vote.round.slug)
    assert "Dit kan nu niet" in first.get("tally_organiser.show", slug=vote.round.slug).text
    first.post("tally_organiser.open_box", slug=vote.round.slug)
    assert "nog niet gesloten" in first.get("tally_organiser.show", slug=vote.round.slug).text


@pytest.mark.parametrize(
    "endpoint",
    [
        "request_closing",
        "close",
        "withdraw",
        "open_box",
        "count",
        "explain",
        "rewrite",
        "request_certifying",
        "certify",
        "request_destroying",
        "destroy",
    ],
)
def test_an_organiser_from_elsewhere_finds_nothing(
    vote: Vote, signed_in: SignIn, session: Session, endpoint: str
) -> None:
    stranger = signed_in(person(session, Role.COORDINATOR, "K"))
    stranger.post(f"tally_organiser.{endpoint}", slug=vote.round.slug, status=404)
    stranger.get("tally_organiser.show", slug=vote.round.slug, status=404)
    stranger.get("results.preview", slug=vote.round.slug, status=404)
    staff = signed_in(person(session, Role.STAFF, "E"))
    staff.get("tally_organiser.show", slug=vote.round.slug)
    staff.post(f"tally_organiser.{endpoint}", slug=vote.round.slug, status=404)


def test_visitors_must_sign_in(vote: Vote, browser: Browser) -> None:
    browser.get("tally_organiser.show", slug=vote.round.slug, status=303)
    browser.get("results.preview", slug=vote.round.slug, status=303)
