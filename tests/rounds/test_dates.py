"""The dates of a public round change for a reason, from and to; less time for residents is warned about and told."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role
from buurtbegroot.areas.models import Area
from buurtbegroot.audit.actions import record
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.core.phases import Phase, Window
from buurtbegroot.rounds.actions import SetupFault, save_windows
from buurtbegroot.rounds.events import RoundChanged
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import schedule_of, window_of
from buurtbegroot.rounds.queries.setup import Moved
from buurtbegroot.texts import short_date
from buurtbegroot.timezone import AMSTERDAM
from tests.conftest import NOW
from tests.factories import PROGRAM
from tests.factories.accounts import person
from tests.factories.rounds import round_in
from tests.pages import Browser
from tests.refusals import refused

DAY = timedelta(days=1)
REASON = "De zaal is eerder dicht."


@pytest.fixture
def public(session: Session, areas: dict[str, Area], now: datetime) -> Round:
    found = round_in(session, Phase.SUBMISSION, areas=areas, now=now)
    session.commit()
    return found


def typed(round_: Round, **moved: timedelta) -> dict[str, str]:
    """Return the form as its page shows it, with the ends of some phases moved."""
    fields = {}
    for window in round_.windows:
        ends = window.ends_at + moved.get(window.phase.value, timedelta())
        for name, moment in (("begins", window.begins_at), ("ends", ends)):
            fields[f"{window.phase.value}-{name}"] = f"{moment.astimezone(AMSTERDAM):%Y-%m-%dT%H:%M}"
    return fields


def told(session: Session) -> list[dict[str, object]]:
    return [entry.public_payload or {} for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.seq))]


def test_no_date_changes_without_a_reason(session: Session, desk: Browser, public: Round, now: datetime) -> None:
    later = typed(public, realisation=DAY)
    page = desk.post("rounds_organiser.phases", later, status=422, slug=public.slug)
    assert "Schrijf waarom de data veranderen." in page.text
    longer = [*schedule_of(public)[:-1], Window(Phase.REALISATION, now + 300 * DAY, now + 301 * DAY)]
    boss = person(session, Role.COORDINATOR)
    for reason in ("", " \n"):
        with refused(SetupFault.NO_REASON):
            save_windows(session, public, tuple(longer), reason=reason, seen=public.version, by=boss, now=now)


def test_the_log_says_from_when_to_when_and_why(session: Session, desk: Browser, public: Round) -> None:
    window = window_of(public, Phase.REALISATION)
    assert window is not None
    old = window.ends_at
    desk.send("rounds_organiser.phases", typed(public, realisation=DAY) | {"reason": REASON}, slug=public.slug)
    (entry,) = told(session)
    (changed,) = entry["changes"].items()  # type: ignore[attr-defined]
    assert changed[0] == "dates.realisation"
    ends = [datetime.fromisoformat(changed[1][which]["ends"]) for which in ("old", "new")]
    assert (ends, entry["reason"]) == ([old, old + DAY], REASON)
    text = desk.get("audit.index").text
    assert "Uitvoeren was " in text
    assert f"Reden: {REASON}" in text
    assert "minder tijd" not in desk.get("rounds.show", slug=public.slug).text


def test_less_time_for_residents_is_warned_about_and_shown_to_them(
    session: Session, desk: Browser, browser: Browser, public: Round
) -> None:
    sooner = typed(public, submission=-DAY) | {"reason": REASON}
    page = desk.post("rounds_organiser.phases", sooner, status=422, slug=public.slug)
    assert "Bewoners krijgen minder tijd. Plannen maken en indienen was " in page.text
    assert told(session) == []
    desk.send("rounds_organiser.phases", sooner | {"shorter": "y"}, slug=public.slug)
    text = browser.get("rounds.show", slug=public.slug).text
    assert "Er is minder tijd dan eerder was aangekondigd." in text
    assert f"Reden: {REASON}" in text


def test_residents_get_less_time_only_where_that_is_meant(
    session: Session, areas: dict[str, Area], public: Round, now: datetime
) -> None:
    boss, (first, *others) = person(session, Role.COORDINATOR), schedule_of(public)
    sooner = replace(first, ends_at=first.ends_at - DAY)
    how: dict[str, Any] = {"reason": REASON, "by": boss, "now": now}
    for schedule in ((sooner, *others), tuple(others)):
        with refused(SetupFault.LESS_TIME):
            save_windows(session, public, schedule, **how, seen=public.version)
    save_windows(session, public, (sooner, *others), **how, less_time=True, seen=public.version)
    assert schedule_of(public)[0] == sooner


def test_small_steps_hide_no_large_one(desk: Browser, browser: Browser, public: Round) -> None:
    steps = [-6 * DAY, *[timedelta(minutes=-1)] * 4]
    announced = public.windows[0].ends_at
    for number, step in enumerate(steps):
        sooner = typed(public, submission=step) | {"reason": f"Stap {number}.", "shorter": "y"}
        desk.send("rounds_organiser.phases", sooner, slug=public.slug)
    text = browser.get("rounds.show", slug=public.slug).text
    assert text.count("Plannen maken en indienen was ") == 1
    assert f"tot en met {short_date(announced - DAY, 'd MMMM y')} en is nu" in text


def test_time_that_was_given_back_is_not_told_as_lost(desk: Browser, browser: Browser, public: Round) -> None:
    for step in (-DAY, DAY):
        moved = typed(public, submission=step) | {"reason": REASON, "shorter": "y"}
        desk.send("rounds_organiser.phases", moved, slug=public.slug)
    assert "Er is minder tijd" not in browser.get("rounds.show", slug=public.slug).text


@pytest.mark.parametrize("changes", [[1], "x", {"dates.nothing": {}}, {"dates.submission": None}, {"dates.voting": 1}])
def test_the_page_of_a_round_bears_any_payload(
    session: Session, browser: Browser, public: Round, changes: object
) -> None:
    event = RoundChanged(object=f"round:{public.slug}", part="phases", changes=changes, reason="")  # type: ignore[arg-type]
    record(session, event, by=PROGRAM, now=NOW)
    session.commit()
    browser.get("rounds.show", slug=public.slug)


def test_a_concept_is_nobody_elses_business(session: Session, desk: Browser, public: Round) -> None:
    public.published_at = None
    session.commit()
    desk.send("rounds_organiser.phases", typed(public, submission=-DAY), slug=public.slug)
    assert [(entry["changes"], entry["reason"]) for entry in told(session)] == [({}, "")]


@pytest.mark.parametrize(
    ("phase", "begins", "ends", "is_shorter"),
    [
        (Phase.VOTING, 0, 0, False),
        (Phase.VOTING, 0, -1, True),
        (Phase.VOTING, 1, 0, True),
        (Phase.VOTING, 1, 1, False),
        (Phase.VOTING, -1, -1, True),
        (Phase.VOTING, None, None, True),
        (Phase.COUNTING, 0, -1, False),
    ],
)
def test_what_is_less_time(now: datetime, phase: Phase, begins: int | None, ends: int | None, is_shorter: bool) -> None:
    old = Window(phase, now, now + 7 * DAY)
    new = None if begins is None or ends is None else Window(phase, now + begins * DAY, now + (7 + ends) * DAY)
    assert Moved(phase, old, new).is_shorter is is_shorter
