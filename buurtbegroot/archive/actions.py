"""Bringing a round of the past in: at once with its plans, ballots and winners, and fixed from then on."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.acts import insist, require
from buurtbegroot.archive.domain import Archive, ArchiveError, reported, theme_of
from buurtbegroot.archive.events import PlanBroughtIn, RoundBroughtIn
from buurtbegroot.archive.policy import ArchiveFault, may_bring_in
from buurtbegroot.areas.models import CITY, Area
from buurtbegroot.audit.actions import record
from buurtbegroot.box.domain.manifest import Terms
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.rules import Ruleset, to_json
from buurtbegroot.core.tally.comparing import sums_of
from buurtbegroot.core.tally.document import document_from, trace_of
from buurtbegroot.core.tally.knapsack import TooHardError
from buurtbegroot.core.tally.trace import Verdict
from buurtbegroot.proposals.models import Proposal, ProposalStatus
from buurtbegroot.rounds.models import PhaseWindow, Pot, Round, Theme
from buurtbegroot.rounds.queries import about, free_slug
from buurtbegroot.tally.domain.counting import Count, Figures, Input, count, sha256_of_ballots
from buurtbegroot.tally.models import OpenedBallot, Tally
from buurtbegroot.tally.queries import EXPLAIN
from buurtbegroot.tally.queries.counting import kept_of, results_of
from buurtbegroot.timezone import AMSTERDAM, local_date
from buurtbegroot.typed import one_line
from buurtbegroot.work.queue import enqueue

FROM_FILE = "Gereconstrueerd: plannen, kosten en stembiljetten komen uit een bestand in het Pabulib-formaat."
SAME = "Onze telling geeft dezelfde winnaars als het bestand."
UNNAMED = "Het bestand noemt geen winnaars: die volgen uit zijn telregel."
AS_FILED = "De winnaars zijn die van het bestand; hoe er geteld is, was niet na te rekenen."
ONLY_YEARS = "Van de stemming is alleen het jaar bekend."
MOST_TITLE = 120
TRACKER_BYTES, BLIND_BYTES = 16, 32
AT_ONCE = 10_000


@dataclass(frozen=True, kw_only=True)
class BroughtIn:
    """A round that was brought in, and whether its winners were counted here, or are those that the file names."""

    round: Round
    counted: bool


@dataclass(frozen=True, kw_only=True)
class Place:
    """What the round of a past vote is called, whose it was, and which buurten took part."""

    title: str
    owner: Area
    buurten: tuple[Area, ...]


def bring_in(session: Session, archive: Archive, place: Place, *, by: User, now: datetime) -> BroughtIn:
    """Make a published round of the archive, with the winners of its file; nothing of it changes any more.

    Raises RefusedError for a file that was brought in before, ArchiveError where its winners cannot be told or the vote
    is not over.
    """
    require(may_bring_in(by))
    if archive.ends >= local_date(now):
        raise ArchiveError("date_end: the vote is not over; of one of this year the days must be there")
    session.execute(select(Area.code).where(Area.code == CITY).with_for_update())  # one file at a time
    known = session.scalar(select(Round.slug).where(Round.archive == archive.sha256))
    insist(known is None, ArchiveFault.ALREADY, round=known)
    round_ = _round(session, archive, place, by=by, now=now)
    plans = _plans(session, round_, archive, now=now)
    ids = {number: plan.id for number, plan in enumerate(plans, 1)}
    ballots = _opened(round_, archive, ids)
    source = Input(
        round=round_.slug,
        rules=archive.rules(place.title, ids),
        plans=tuple(replace(group, id=ids[group.id]) for group in archive.groups),
        ballots={tuple(ids[one] for one in choices): voters for choices, voters in archive.ballots.items()},
        seed=b"",
        ballots_sha256=sha256_of_ballots((one.tracker, one.choices, one.blind) for one in ballots),
        codes=0,
    )
    found = _counted(archive, source, ids)
    tally = _store(session, round_, found or _as_filed(archive, source), now=now)
    for start in range(0, 0 if tally.is_small else len(ballots), AT_ONCE):
        session.add_all(ballots[start : start + AT_ONCE])
        session.flush()
    _fix(session, round_, archive, rules=source.rules, counted=found is not None)
    _record(session, round_, plans, archive=archive, by=by, now=now)
    if found and found.why:
        enqueue(session, EXPLAIN, {"round_id": round_.id}, now=now)
    return BroughtIn(round=round_, counted=found is not None)


def _round(session: Session, archive: Archive, place: Place, *, by: User, now: datetime) -> Round:
    """Add the round with its dates, pots and themes, as a concept that can still change."""
    round_ = Round(slug=free_slug(session, place.title), title=place.title, owner=place.owner, archive=archive.sha256)
    round_.created_by_id, round_.created_at = by.id, now
    round_.buurten = list(place.buurten)
    round_.windows = [
        PhaseWindow(phase=Phase.VOTING, begins_at=_morning(archive.begins), ends_at=_morning(archive.after))
    ]
    round_.themes = [Theme(position=at, name=name) for at, name in enumerate(archive.themes, 1)]
    round_.pots = [
        Pot(position=at, name=one_line(pot.name)[:MOST_TITLE], cents=pot.cents)
        for at, pot in enumerate(archive.pots(place.title), 1)
    ]
    session.add(round_)
    session.flush()
    return round_


def _plans(session: Session, round_: Round, archive: Archive, *, now: datetime) -> list[Proposal]:
    """Add the plans one by one, so that their numbers rise as equals go in the count."""
    themes = {theme.name: theme for theme in round_.themes}
    plans = []
    for number, (project, group) in enumerate(zip(archive.projects, archive.groups, strict=True), 1):
        name = one_line(project.name)
        plan = Proposal(
            round_id=round_.id,
            number=number,
            title=name if len(name) <= MOST_TITLE else f"{name[: MOST_TITLE - 1]}…",
            summary="",
            body=name if len(name) > MOST_TITLE else "",
            theme=themes.get(theme_of(group)),
            language=archive.language,
            status=ProposalStatus.ADMITTED,
            cost_cents=project.cost,
            created_at=now,
            submitted_at=now,
            changed_at=now,
        )
        plan.follow()
        session.add(plan)
        session.flush()
        plans.append(plan)
    return plans


def _opened(round_: Round, archive: Archive, ids: Mapping[int, int]) -> list[OpenedBallot]:
    """Return the ballots as they are published, under trackers drawn here: no name or number of a voter comes along."""
    rows = [
        OpenedBallot(
            round_id=round_.id,
            tracker=secrets.token_bytes(TRACKER_BYTES),
            choices=[ids[one] for one in choices],
            blind=secrets.token_bytes(BLIND_BYTES),
        )
        for choices, voters in archive.ballots.items()
        for _ in range(voters)
    ]
    return sorted(rows, key=lambda row: row.tracker)


def _counted(archive: Archive, source: Input, ids: Mapping[int, int]) -> Count | None:
    """Count by the rule of the file; None without one, or when it gives other winners than the file names."""
    if archive.counting is None:
        return None
    try:
        found = count(source)
    except (TooHardError, ValueError):
        return None
    whole = {one.plan for one in found.document.judgements if one.verdict is Verdict.FUNDED}
    won = {ids[place] for place in archive.winners}
    marked = {ids[place] for place in archive.marked}
    if won and whole - marked != won:
        return None
    return replace(found, why={}) if _is_small(found) else found  # why a plan won could tell what somebody chose


def _as_filed(archive: Archive, source: Input) -> Count:
    """Return the winners as the file names them, with the figures that follow from them alone."""
    if not archive.winners:
        raise ArchiveError("the file names no winners (selected), and its rule could not be counted")
    plain = replace(source, rules=archive.without_rule(source.rules))
    document = reported(archive, plain)
    sums = sums_of(plain.election, document.outcomes)
    assert sums is not None  # the election has its ballots
    figures = Figures(sums=sums, codes=0, what_if={}, too_long=())
    return Count(document=document, trace=trace_of(document, plain.rules), why={}, figures=figures, flows={})


def _is_small(counted: Count) -> bool:
    return counted.document.valid_ballots < Terms().least_ballots


def _store(session: Session, round_: Round, counted: Count, *, now: datetime) -> Tally:
    voters, is_small = counted.document.valid_ballots, _is_small(counted)
    tally = Tally(round_id=round_.id, envelopes=voters, opened=voters, left_out={}, **kept_of(counted))
    tally.is_small, tally.opened_at, tally.counted_at = is_small, now, now
    tally.destroyed_at = now if is_small else None  # the ballots of a small vote are not kept
    session.add(tally)
    session.flush()
    session.add_all(results_of(round_.id, counted))
    session.flush()
    return tally


def _fix(session: Session, round_: Round, archive: Archive, *, rules: Ruleset, counted: bool) -> None:
    """Say what the round is, and close it for ever; its moments are those of the vote, as far as the file tells."""
    said = (SAME if archive.winners else UNNAMED) if counted else AS_FILED
    round_.note = " ".join([FROM_FILE, said, *([ONLY_YEARS] if archive.is_year else [])])
    round_.rules = to_json(rules if counted else archive.without_rule(rules)).decode()
    round_.envelopes = sum(archive.ballots.values())
    window = round_.windows[0]
    round_.published_at = round_.created_at
    last = window.ends_at - timedelta(seconds=1)  # of the last day, and so of its year
    round_.opened_at, round_.closed_at, round_.certified_at = window.begins_at, last, last
    round_.fingerprint = archive.sha256
    session.flush()


def _record(
    session: Session, round_: Round, plans: Sequence[Proposal], *, archive: Archive, by: User, now: datetime
) -> None:
    for plan in plans:
        told = PlanBroughtIn(
            object=plan.key,
            points=(),
            round=round_.slug,
            number=plan.number,
            title=plan.title,
            language=plan.language,
            cost_cents=plan.cost_cents,
        )
        record(session, told, by=by, now=now)
    tally = session.get_one(Tally, round_.id)
    event = RoundBroughtIn(
        **about(round_),
        title=round_.title,
        file=archive.sha256,
        plans=len(plans),
        ballots=tally.valid_ballots,
        withdrawn=archive.withdrawn,
        budget_cents=round_.budget_cents,
        counted=not document_from(tally.trace).reported,
        trace=tally.trace_hash,
    )
    record(session, event, by=by, now=now)


def _morning(day: date) -> datetime:
    """Return when a day begins in Amsterdam."""
    return datetime.combine(day, time(), AMSTERDAM).astimezone(UTC)
