"""What is said of a round fits what one can do in it, at every moment and whatever people did."""

import re
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from sqlalchemy.orm import Session

from buurtbegroot.areas.models import Area
from buurtbegroot.core.phases import Phase, Schedule
from buurtbegroot.core.standing import Stage, standing_at
from buurtbegroot.rounds.models import PhaseWindow, Round
from buurtbegroot.rounds.words import LINES, MARKS, fact_rows, in_words, left_words, timeline
from tests.core.schedules import day
from tests.core.test_standing import ACTS, MOMENTS, Done, schedules
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.pages import Browser

COUNTING = re.compile(r"\b(tel|ge)?(tellen|telt|teld|geteld)\b", re.IGNORECASE)
YEAR = timedelta(days=365)


def test_every_stage_has_words() -> None:
    assert set(MARKS) == set(LINES) == set(Stage)


@given(schedules(), ACTS, MOMENTS)
def test_words_follow_the_acts(schedule: Schedule, acts: Done, at: float) -> None:
    standing = standing_at(schedule, acts, day(at))
    windows = [PhaseWindow(phase=w.phase, begins_at=w.begins_at, ends_at=w.ends_at) for w in schedule]
    round_ = Round(windows=windows, pots=[], **acts._asdict())
    said, rows = in_words(standing), timeline(round_, standing)
    told = " ".join(
        [str(said.mark.text), said.left, said.headline, said.detail, *map(str, fact_rows(round_, None, standing))]
    )
    assert said.headline
    assert "%(" not in told
    assert bool(COUNTING.search(told)) == (standing.stage is Stage.COUNTING)
    assert ("Nu stemmen" in told) == ("Stemmen kan tot" in told) == standing.takes_votes
    assert ("Plannen indienen kan tot" in told) == standing.takes_plans
    assert ("niet gestemd" in told) == (standing.stage in {Stage.LATE, Stage.NOT_HELD, Stage.NO_BALLOTS})
    assert ("Uitslag uiterlijk" in told) <= (standing.until is not None)
    assert bool(said.left) == (standing.stage in {Stage.SUBMISSION, Stage.COCREATION, Stage.FEASIBILITY, Stage.VOTING})
    now_shown = [title for title, _when, _icon, state in rows if state == "now"]
    assert len(now_shown) <= 1
    assert ("Stemmen" in now_shown) == standing.takes_votes
    assert ("Tellen en uitslag" in now_shown) <= (standing.stage is Stage.COUNTING)


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (timedelta(seconds=1), "nog 1 minuut"),
        (timedelta(minutes=40), "nog 40 minuten"),
        (timedelta(minutes=119), "nog 119 minuten"),
        (timedelta(hours=2), "nog 2 uur"),
        (timedelta(hours=47, minutes=59), "nog 47 uur"),
        (timedelta(days=2), "nog 2 dagen"),
    ],
)
def test_no_time_that_is_left_is_said_to_be_none(left: timedelta, said: str) -> None:
    assert left_words(left) == said


@pytest.fixture
def voting(session: Session, areas: dict[str, Area], now: datetime) -> Round:
    round_ = round_in(session, Phase.VOTING, areas=areas, now=now)
    plan(session, round_, now=now)
    session.commit()
    return round_


def move(round_: Round, by: timedelta) -> None:
    for window in round_.windows:
        window.begins_at, window.ends_at = window.begins_at + by, window.ends_at + by


def pages_of(browser: Browser, round_: Round, *, booth: int) -> list[str]:
    around = [
        browser.get(path) for path in ("/", "/rondes", f"/rondes/{round_.slug}", f"/rondes/{round_.slug}/uitslag")
    ]
    shown = [*around, browser.get("booth.choose", slug=round_.slug, status=booth)]
    return [page.text_of(".//main").replace("\u00a0", " ") for page in shown]


@pytest.mark.parametrize(
    ("later", "why", "booth"),
    [
        (timedelta(), "Twee mensen moeten de stembus nog openen", 200),
        (timedelta(days=30), "De stembus is nooit opengegaan", 410),
        (YEAR, "De stembus is nooit opengegaan", 410),
    ],
)
def test_a_vote_that_never_opened_is_not_counted_anywhere(
    session: Session, browser: Browser, voting: Round, later: timedelta, why: str, booth: int
) -> None:
    move(voting, -later)
    session.commit()
    for text in pages_of(browser, voting, booth=booth):
        assert "niet gestemd" in text
        assert why in text
        for wrong in ("worden geteld", "wordt geteld", "Wij tellen", "Daarna tellen", "uiterlijk", "Nu stemmen"):
            assert wrong not in text


def test_forty_minutes_before_the_end_every_card_says_so_and_until_when(
    session: Session, browser: Browser, voting: Round, now: datetime
) -> None:
    voting.opened_at = now - timedelta(days=1)
    window = next(each for each in voting.windows if each.phase is Phase.VOTING)
    move(voting, now + timedelta(minutes=40) - window.ends_at)
    session.commit()
    for path in ("/", "/rondes", f"/rondes/{voting.slug}", "/gebieden/E"):
        text = browser.get(path).text.replace("\u00a0", " ")
        assert "og 40 minuten" in text, path
        assert "21 november 2026, 12.40 uur" in text, path


def test_nobody_is_invited_to_make_plans_in_co_creation(
    session: Session, browser: Browser, areas: dict[str, Area], now: datetime
) -> None:
    round_ = round_in(session, Phase.COCREATION, areas=areas, now=now)
    session.commit()
    for path in ("/", "/rondes", f"/rondes/{round_.slug}"):
        text = browser.get(path).text
        assert "Plannen verbeteren" in text
        assert "Plannen indienen kan" not in text
        assert "plannen maken tot" not in text.lower()
