"""A round becomes public when nothing is missing: each part by itself keeps it from that, and the page says which."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from buurtbegroot.areas.models import Area
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.rules import Limits, to_json
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import Missing, missing_parts, rules_of, window_of
from buurtbegroot.rounds.words import MISSING_WORDS
from tests.factories.akkoord import small_accord
from tests.factories.rounds import WEEK, round_in
from tests.pages import Browser


@pytest.fixture
def complete(session: Session, areas: dict[str, Area], now: datetime) -> Round:
    """A round of stadsdeel E that lacks nothing and is not public yet."""
    round_ = round_in(session, Phase.SUBMISSION, areas=areas, now=now)
    round_.published_at, round_.summary = None, "Geld voor plannen in West."
    round_.points = small_accord(session)[:1]
    session.commit()
    return round_


def without_dates(round_: Round) -> None:
    round_.windows = [each for each in round_.windows if each.phase is not Phase.VOTING]


def with_dates_crossed(round_: Round) -> None:
    voting = window_of(round_, Phase.VOTING)
    assert voting is not None
    voting.begins_at -= 2 * WEEK


def with_the_vote_over(round_: Round) -> None:
    for window in round_.windows:
        window.begins_at -= 10 * WEEK
        window.ends_at -= 10 * WEEK


def with_rules_that_cannot_be(round_: Round) -> None:
    rules = rules_of(round_)
    whole = Limits(min_choices=5, max_choices=2)
    round_.rules = to_json(replace(rules, ballot=replace(rules.ballot, whole=whole))).decode()


LACKING: dict[Missing, Callable[[Round], object]] = {
    Missing.SUMMARY: lambda round_: setattr(round_, "summary", ""),
    Missing.BUURTEN: lambda round_: setattr(round_, "buurten", []),
    Missing.MONEY: lambda round_: setattr(round_, "pots", []),
    Missing.DATES: without_dates,
    Missing.DATES_WRONG: with_dates_crossed,
    Missing.VOTE_OVER: with_the_vote_over,
    Missing.RULES: lambda round_: setattr(round_, "rules", ""),
    Missing.RULES_WRONG: with_rules_that_cannot_be,
    Missing.POINTS: lambda round_: setattr(round_, "points", []),
}


def test_a_complete_round_becomes_public(desk: Browser, complete: Round, now: datetime) -> None:
    desk.send("rounds_organiser.publish", on="rounds_organiser.ready", slug=complete.slug)
    assert complete.published_at == now


@pytest.mark.parametrize("part", Missing)
def test_each_part_that_is_missing_keeps_it_from_that(
    session: Session, desk: Browser, complete: Round, now: datetime, part: Missing
) -> None:
    LACKING[part](complete)
    session.commit()
    assert part in missing_parts(complete, now)
    assert len(missing_parts(complete, now)) == (2 if part is Missing.MONEY else 1), "money is part of the rules too"
    desk.post("rounds_organiser.publish", slug=complete.slug)
    session.expire_all()
    assert complete.published_at is None
    assert str(MISSING_WORDS[part][0]) in desk.get("rounds_organiser.ready", slug=complete.slug).text


def test_the_last_moment_of_the_vote_is_too_late(session: Session, complete: Round) -> None:
    voting = window_of(complete, Phase.VOTING)
    assert voting is not None
    assert missing_parts(complete, voting.ends_at - timedelta(seconds=1)) == []
    assert missing_parts(complete, voting.ends_at) == [Missing.VOTE_OVER]
