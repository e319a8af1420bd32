"""Reading rounds: lists for everyone, one round, its schedule, phase, rules and groups; nothing here writes."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from re import sub
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, SQLColumnExpression, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, defer, joinedload, selectinload, with_expression

from buurtbegroot.accounts.models import User
from buurtbegroot.accounts.queries import users_by_pseudonym
from buurtbegroot.areas.domain.folding import fold
from buurtbegroot.areas.models import CITY, Area, Level
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.audit.queries import LogFilter, entries_matching
from buurtbegroot.core import phases
from buurtbegroot.core.phases import Phase, Schedule, Window
from buurtbegroot.core.rule_problems import problems
from buurtbegroot.core.rules import Ruleset, fingerprint, from_json
from buurtbegroot.core.standing import Standing, standing_at
from buurtbegroot.rounds.events import RoundChanged, RoundCreated, RoundPublished
from buurtbegroot.rounds.models import PhaseWindow, Round, RoundArea, Theme


class Missing(StrEnum):
    """What a round can lack before it is published."""

    SUMMARY = "summary"
    BUURTEN = "buurten"
    MONEY = "money"
    DATES = "dates"
    DATES_WRONG = "dates_wrong"
    VOTE_OVER = "vote_over"
    RULES = "rules"
    RULES_WRONG = "rules_wrong"
    POINTS = "points"


def schedule_of(round_: Round) -> Schedule:
    """Return the windows of the round as core reads them."""
    return tuple(Window(window.phase, window.begins_at, window.ends_at) for window in round_.windows)


MOMENTS = (Round.published_at, Round.opened_at, Round.closed_at, Round.certified_at, Round.envelopes)
"""What a standing is made from, beside the windows."""


def standing_of(round_: Round, now: datetime) -> Standing:
    """Return how far the round is: the one state from which pages speak and by which actions go."""
    return standing_at(schedule_of(round_), round_, now)


def rounds_to_seal(session: Session) -> Sequence[Round]:
    """Return the rounds whose ballot box was opened and not shut yet, the oldest first."""
    rows = select(Round).where(Round.opened_at.is_not(None), Round.closed_at.is_(None))
    return session.scalars(rows.order_by(Round.id)).all()


def box_takes_votes(now: datetime | BindParameter[datetime]) -> tuple[ColumnElement[bool], ...]:
    """Return as conditions on Round joined with its PhaseWindow when a standing takes votes."""
    return (
        Round.published_at.is_not(None),
        Round.opened_at.is_not(None),
        Round.closed_at.is_(None),
        PhaseWindow.phase == Phase.VOTING,
        PhaseWindow.begins_at <= now,
        PhaseWindow.ends_at > now,
    )


HAS_PUBLIC_OUTCOME = and_(Round.certified_at.is_not(None), Round.published_at.is_not(None))
"""Whether everyone may see the outcome of a round: two people made it final."""


def rules_of(round_: Round) -> Ruleset:
    """Return the rules of the round; raises ValueError while the coordinator has set none."""
    return from_json(round_.rules)


def rules_fingerprint(round_: Round) -> str:
    """Return the fingerprint of the rules as they stand, empty while there are none."""
    return fingerprint(rules_of(round_)) if round_.rules else ""


def rules_or_none(round_: Round) -> Ruleset | None:
    """Return the rules of the round, or None while the coordinator has set none."""
    return rules_of(round_) if round_.rules else None


def window_of(round_: Round, phase: Phase) -> PhaseWindow | None:
    """Return the dates of a phase, or None when the round skips it."""
    return next((window for window in round_.windows if window.phase is phase), None)


def theme_key(theme: Theme | None) -> str | None:
    """Return how rules, ballots and counts name a theme: by its name, which is unique in the round."""
    return theme.name if theme else None


def area_key(rules: Ruleset | None, buurt: Area | None) -> str | None:
    """Return how rules, ballots and counts name the area of a plan.

    That is the code of the area with its own pot, limits, cap or minimum in which the buurt lies, and the code of the
    buurt itself when the rules name no such area; None for a plan without a buurt.
    """
    if buurt is None or rules is None:
        return buurt.code if buurt else None
    counting = rules.counting
    named = {pot.id for pot in rules.pots}.union(rules.ballot.per_group, counting.area_caps, counting.area_minimums)
    around = (buurt.code, buurt.parent_code, buurt.gebied_code, buurt.district_code)
    return next((code for code in around if code in named), buurt.code)


def round_key(round_: Round) -> str:
    """Return how requests and the log name a round."""
    return round_.key


def about(round_: Round) -> dict[str, Any]:
    """Return what every event of a round carries: the round itself and its accord points."""
    return {"object": round_key(round_), "points": tuple(point.name for point in round_.points)}


def makers_of(session: Session, round_: Round) -> list[User]:
    """Return who made the round as it is now: whoever began it, and all who changed its set-up since."""
    made = select(AuditEntry.actor).where(
        AuditEntry.object == round_key(round_), AuditEntry.action.in_((RoundCreated.name, RoundChanged.name))
    )
    return list(users_by_pseudonym(session, session.scalars(made.distinct()).all()).values())


def date_changes(session: Session, round_: Round) -> Sequence[AuditEntry]:
    """Return the entries of the log in which the dates of a public round changed since, the newest first.

    Asks nothing more of a round that was not changed since (`public_round` says so).
    """
    changed = entries_matching(LogFilter()).where(*_since_public(round_key(round_)))
    entries = session.scalars(changed) if round_.was_changed else ()
    found = ((entry, entry.public_payload or {}) for entry in entries)
    return [entry for entry, told in found if told.get("part") == "phases" and told.get("changes")]


def is_time_to_open(round_: Round, now: datetime) -> bool:
    """Tell whether the vote can be opened now, under the rules that the round has."""
    return bool(round_.rules) and standing_of(round_, now).may_open


def missing_parts(round_: Round, now: datetime) -> list[Missing]:
    """Return what still keeps the round from being published, in the order of the set-up."""
    rules = rules_or_none(round_)
    voting = window_of(round_, Phase.VOTING)
    checks = {
        Missing.SUMMARY: not round_.summary,
        Missing.BUURTEN: not round_.buurten,
        Missing.MONEY: not round_.pots,
        Missing.DATES: voting is None,
        Missing.DATES_WRONG: voting is not None and bool(phases.schedule_problems(schedule_of(round_))),
        Missing.VOTE_OVER: Phase.VOTING in standing_of(round_, now).over,
        Missing.RULES: rules is None,
        Missing.RULES_WRONG: rules is not None and bool(problems(rules, round_.budget_cents, ())),
        Missing.POINTS: not round_.points,
    }
    return [missing for missing, holds in checks.items() if holds]


def rounds_in(*, published: bool = True) -> Select[Round]:
    """Return a select of rounds with what a list shows of them, the latest first; three queries when run."""
    count = select(func.count()).where(RoundArea.round_id == Round.id).correlate(Round).scalar_subquery()
    found = (
        select(Round)
        .options(
            with_expression(Round.buurten_count, count),
            joinedload(Round.owner).options(defer(Area.outline)),
            selectinload(Round.windows),
            selectinload(Round.pots),
        )
        .order_by(Round.published_at.desc(), Round.id.desc())
    )
    return found.where(Round.published_at.is_not(None)) if published else found


def published_rounds(session: Session) -> Sequence[Round]:
    """Return all public rounds with their windows, pots, owner and `buurten_count`."""
    return session.scalars(rounds_in()).all()


def rounds_within(session: Session, codes: Sequence[str]) -> Sequence[Round]:
    """Return the rounds, concepts too, that belong to these areas or to areas inside them; the city holds all."""
    found = rounds_in(published=False)
    if CITY not in codes:
        columns = (Area.code, Area.parent_code, Area.gebied_code, Area.district_code)
        inside = or_(*(column.in_(codes) for column in columns))
        found = found.where(Round.owner_code.in_(select(Area.code).where(inside)))
    return session.scalars(found).all()


def owners_within(session: Session, codes: Sequence[str]) -> Sequence[Area]:
    """Return the areas that may own a round and lie in these: the city, stadsdelen, and the areas themselves."""
    large = Area.level.in_((Level.CITY, Level.DISTRICT)) if CITY in codes else Area.code.in_(codes)
    found = select(Area).where(or_(large, Area.code.in_(codes))).options(defer(Area.outline))
    return session.scalars(found.order_by(Area.parent_code.is_not(None), Area.name)).all()


def round_by_slug(session: Session, slug: str) -> Round | None:
    """Return a round, published or not, with all that belongs to it but the outlines of its buurten."""
    return _one(session, _whole().options(selectinload(Round.themes)), slug)


def public_round(session: Session, slug: str) -> Round | None:
    """Return a published round as everyone sees it, with whether it was changed since, or None."""
    changed = exists().where(*_since_public(Round.key)).correlate(Round)
    shown = _whole().where(Round.published_at.is_not(None)).options(with_expression(Round.was_changed, changed))
    return _one(session, shown, slug)


def lock_round(session: Session, round_id: int) -> Round:
    """Return the round freshly read and locked until the transaction ends; raises NoResultFound."""
    found = select(Round).where(Round.id == round_id).with_for_update(of=Round)
    return session.execute(found.execution_options(populate_existing=True)).scalar_one()


def hold_round(session: Session, round_id: int) -> None:
    """Keep the set-up of a round as it is until the transaction ends; any number may do so at the same time."""
    session.execute(select(Round.id).where(Round.id == round_id).with_for_update(read=True, key_share=True))


def _one(session: Session, rounds: Select[Round], slug: str) -> Round | None:
    if not slug.isprintable():  # a slug never holds a NUL, which PostgreSQL refuses to look for
        return None
    return session.scalars(rounds.where(Round.slug == slug)).unique().one_or_none()


def _since_public(key: str | SQLColumnExpression[str]) -> tuple[ColumnElement[bool], ...]:
    """Return as conditions on an entry of the log that it tells of a change to this round since it was published."""
    line = aliased(AuditEntry)
    published = select(func.coalesce(func.max(line.seq), 0)).where(
        line.object == key, line.action == RoundPublished.name
    )
    since = AuditEntry.seq > published.correlate(Round).scalar_subquery()
    return AuditEntry.object == key, AuditEntry.action == RoundChanged.name, since


def _whole() -> Select[Round]:
    return select(Round).options(
        joinedload(Round.owner).options(defer(Area.outline)),
        selectinload(Round.windows),
        selectinload(Round.pots),
        joinedload(Round.points),
        selectinload(Round.buurten).options(defer(Area.outline)),
    )


def free_slug(session: Session, title: str) -> str:
    """Return a slug from a title that no round has."""
    base = sub(r"[^a-z0-9]+", "-", fold(title)).strip("-")[:60].strip("-") or "ronde"
    taken = set(session.scalars(select(Round.slug).where(Round.slug.startswith(base, autoescape=True))))
    if base not in taken:
        return base
    total = session.scalar(select(func.count()).select_from(Round)) or 0
    return next(slug for number in range(2, total + 3) if (slug := f"{base}-{number}") not in taken)
