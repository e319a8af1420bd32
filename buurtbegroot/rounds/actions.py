"""Setting a round up, publishing it, and its life after that: opened, closed, certified, and then nothing changes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.accounts.policy import may_coordinate
from buurtbegroot.acts import Fault, RefusedError, insist, require
from buurtbegroot.akkoord.models import Point
from buurtbegroot.areas.models import Area
from buurtbegroot.audit.actions import record
from buurtbegroot.audit.events import changes_between
from buurtbegroot.core.phases import Schedule
from buurtbegroot.core.plans import Grouping
from buurtbegroot.core.rules import Ruleset, to_json
from buurtbegroot.core.tally.ties import commitment
from buurtbegroot.database import lock_as_seen
from buurtbegroot.dual_control.actions import DualFault, require_consent
from buurtbegroot.guards import held_to_keys
from buurtbegroot.rounds import events
from buurtbegroot.rounds.dual_acts import RoundAct
from buurtbegroot.rounds.models import PhaseWindow, Pot, Round, Theme
from buurtbegroot.rounds.policy import may_manage, may_publish
from buurtbegroot.rounds.queries import (
    about,
    free_slug,
    lock_round,
    makers_of,
    missing_parts,
    round_key,
    rules_fingerprint,
    rules_of,
    schedule_of,
)
from buurtbegroot.rounds.queries.setup import SETTINGS, Basics, SetUp, moved_phases, refit, set_up_values


class SetupFault(Fault):
    """Why the set-up stays as it is.

    FROZEN: the vote was opened. THEME_IN_USE and BUURT_IN_USE: what was taken away has plans. NOT_READY: too little is
    filled in to publish the round. OWN: whoever publishes it made it as it is, or is tied by a role to who did.
    NO_REASON: the dates of a public round change for a reason. LESS_TIME: nobody said that residents get less time.
    """

    FROZEN = "frozen"
    THEME_IN_USE = "theme_in_use"
    BUURT_IN_USE = "buurt_in_use"
    NOT_READY = "not_ready"
    OWN = "own"
    NO_REASON = "no_reason"
    LESS_TIME = "less_time"


def create_round(session: Session, *, title: str, owner: Area, by: User, now: datetime) -> Round:
    """Return a new concept that belongs to the area, with a slug from its title."""
    require(may_coordinate(by, owner), hidden=True)
    session.execute(select(Area.code).where(Area.code == owner.code).with_for_update())  # one slug at a time
    round_ = Round(slug=free_slug(session, title), title=title, owner=owner, created_by_id=by.id, created_at=now)
    session.add(round_)
    session.flush()
    record(session, events.RoundCreated(object=round_.key, owner=owner.code), by=by, now=now)
    return round_


def save_basics(session: Session, round_: Round, basics: Basics, *, seen: int, by: User, now: datetime) -> None:
    """Store texts, buurten, themes and money; rules that exist follow. Raises RefusedError, ChangedSinceError."""
    before = begin_change(session, round_, seen=seen, by=by)
    for name in SETTINGS:
        setattr(round_, name, getattr(basics, name))
    buurten = session.scalars(select(Area).where(Area.code.in_(basics.buurten)).order_by(Area.code)).all()
    with held_to_keys(session, RefusedError(SetupFault.BUURT_IN_USE)):
        round_.buurten = list(buurten)
    session.execute(delete(Pot).where(Pot.round_id == round_.id))
    session.expire(round_, ["pots"])
    renamed = _save_themes(session, round_, basics)
    round_.pots = _pots(session, round_, basics)
    session.flush()
    if round_.rules:
        round_.rules = to_json(refit(rules_of(round_), round_, renamed=renamed)).decode()
    log_change(session, round_, part="basics", before=before, by=by, now=now)


def save_windows(
    session: Session,
    round_: Round,
    schedule: Schedule,
    *,
    reason: str = "",
    less_time: bool = False,
    seen: int,
    by: User,
    now: datetime,
) -> None:
    """Store the dates of the phases; those left out are skipped. Raises RefusedError, ChangedSinceError.

    In a public round no date changes without a reason, and residents get less time only where that is meant.
    """
    before, reason = begin_change(session, round_, seen=seen, by=by), reason.strip()
    moved = moved_phases(schedule_of(round_), schedule) if round_.published_at else ()
    insist(bool(reason) or not moved, SetupFault.NO_REASON)
    insist(less_time or not any(each.is_shorter for each in moved), SetupFault.LESS_TIME)
    wanted = {window.phase: window for window in schedule}
    kept = {window.phase: window for window in round_.windows if window.phase in wanted}
    round_.windows = [kept.get(phase) or PhaseWindow(phase=phase) for phase in wanted]
    for window in round_.windows:
        window.begins_at, window.ends_at = wanted[window.phase].begins_at, wanted[window.phase].ends_at
    log_change(session, round_, part="phases", before=before, reason=reason, by=by, now=now)


def save_points(
    session: Session, round_: Round, points: Sequence[Point], *, seen: int, by: User, now: datetime
) -> None:
    """Store which points of the accord the round carries out. Raises RefusedError, ChangedSinceError."""
    before = begin_change(session, round_, seen=seen, by=by)
    round_.points = list(points)
    log_change(session, round_, part="points", before=before, by=by, now=now)


def publish_round(session: Session, round_: Round, *, seen: int, by: User, now: datetime) -> None:
    """Show a complete round to everyone, as somebody else than who made it; does nothing when it is public.

    Raises RefusedError, and ChangedSinceError when the round is not of the version that was seen.
    """
    require(may_manage(by, round_), hidden=True)
    lock_round(session, round_.id)
    if round_.published_at is not None:
        return
    insist(not missing_parts(round_, now), SetupFault.NOT_READY)
    insist(may_publish(by, round_, makers=makers_of(session, round_)), SetupFault.OWN)
    lock_as_seen(session, round_, seen=seen)
    round_.published_at = now
    session.flush()
    published = events.RoundPublished(
        **about(round_), title=round_.title, budget_cents=round_.budget_cents, rules=rules_fingerprint(round_)
    )
    record(session, published, by=by, now=now)


def begin_change(session: Session, round_: Round, *, seen: int, by: User) -> SetUp:
    """Lock the round and return its set-up as it is; raises RefusedError when it may not change, ChangedSinceError."""
    require(may_manage(by, round_), hidden=True)
    lock_round(session, round_.id)
    insist(not round_.fingerprint, SetupFault.FROZEN)
    lock_as_seen(session, round_, seen=seen)
    return set_up_values(round_)


def log_change(
    session: Session, round_: Round, *, part: str, before: SetUp, reason: str = "", by: User, now: datetime
) -> None:
    """Log the change; with that a request to open, made for the round as it was, lapses."""
    require(may_manage(by, round_), hidden=True)
    session.flush()
    changed = events.RoundChanged(
        **about(round_),
        part=part,
        changes=changes_between(before, set_up_values(round_)) if round_.published_at else {},
        reason=reason,
    )
    record(session, changed, by=by, now=now)


def _save_themes(session: Session, round_: Round, basics: Basics) -> dict[str, str]:
    """Update, add and drop themes; return the new name of each renamed one by its old name."""
    old_names = {theme.id: theme.name for theme in round_.themes}
    left: dict[int | str, Theme] = {theme.id: theme for theme in round_.themes}
    left |= {theme.name: theme for theme in round_.themes}
    for theme in round_.themes:  # two themes may trade names, which UNIQUE refuses halfway
        theme.name = f"#{theme.id}"
    session.flush()
    themes = []
    for position, choice in enumerate(basics.themes, start=1):
        theme = left.get(choice.id or 0) or left.get(choice.name) or Theme()
        left = {key: other for key, other in left.items() if other is not theme}
        theme.position, theme.name, theme.scene = position, choice.name, choice.scene
        themes.append(theme)
    with held_to_keys(session, RefusedError(SetupFault.THEME_IN_USE)):
        round_.themes = themes
    return {old_names[theme.id]: theme.name for theme in themes if old_names.get(theme.id, theme.name) != theme.name}


def _pots(session: Session, round_: Round, basics: Basics) -> list[Pot]:
    if basics.pots_by is Grouping.THEME:
        amounts = zip(round_.themes, basics.themes, strict=True)
        pots = [Pot(name=theme.name, theme_id=theme.id, cents=choice.cents) for theme, choice in amounts]
    elif basics.pots_by is Grouping.AREA:
        areas = session.scalars(select(Area).where(Area.code.in_(basics.area_cents)).order_by(Area.code))
        pots = [Pot(name=area.name, area_code=area.code, cents=basics.area_cents[area.code]) for area in areas]
    else:
        pots = [Pot(name=basics.title, cents=basics.budget_cents)] if basics.budget_cents else []
    for position, pot in enumerate(pots, start=1):
        pot.position = position
    return pots


def freeze(session: Session, round_: Round, *, rules: Ruleset, fingerprint: str, by: User, now: datetime) -> None:
    """Fix the rules and open the vote; database triggers refuse changes from here on.

    `rules` are those of the round with a lot commitment added; `fingerprint` is the hexadecimal hash of the manifest.
    Raises RefusedError without two people's consent, ValueError for other rules or without a commitment.
    """
    require(may_manage(by, round_), hidden=True)
    locked = lock_round(session, round_.id)
    require_consent(session, RoundAct.OPEN, round_key(locked))
    insist(locked.opened_at is None, DualFault.ALREADY_CONFIRMED)
    if rules.lot_commitment is None or replace(rules_of(locked), lot_commitment=rules.lot_commitment) != rules:
        raise ValueError("a vote opens under the rules of the round, with a committed lot")
    if not fingerprint:
        raise ValueError("a frozen round has a fingerprint")
    locked.rules, locked.fingerprint, locked.opened_at = to_json(rules).decode(), fingerprint, now
    session.flush()
    frozen = events.RoundFrozen(
        **about(locked),
        rules=rules_fingerprint(locked),
        fingerprint=fingerprint,
        lot_commitment=rules.lot_commitment,
    )
    record(session, frozen, by=by, now=now)


def mark_closed(session: Session, round_: Round, *, envelopes: int, lot_seed: bytes, by: User, now: datetime) -> None:
    """Shut the ballot box with so many envelopes in it, and publish the seed of the lot.

    Raises RefusedError without two people's consent, ValueError when the seed is not the one committed to.
    """
    require(may_manage(by, round_), hidden=True)
    locked = lock_round(session, round_.id)
    require_consent(session, RoundAct.CLOSE, round_key(locked))
    insist(locked.closed_at is None, DualFault.ALREADY_CONFIRMED)
    if rules_of(locked).lot_commitment != commitment(lot_seed):
        raise ValueError("this seed is not the one that was committed to")
    locked.closed_at, locked.envelopes, locked.lot_seed = now, envelopes, lot_seed.hex()
    session.flush()
    record(session, events.RoundClosed(**about(locked), lot_seed=locked.lot_seed), by=by, now=now)


def mark_certified(session: Session, round_: Round, *, bundle: str, by: User, now: datetime) -> None:
    """Make the outcome final under the SHA-256 of its bundle; raises RefusedError without two people's consent."""
    require(may_manage(by, round_), hidden=True)
    locked = lock_round(session, round_.id)
    require_consent(session, RoundAct.CERTIFY, round_key(locked))
    insist(locked.certified_at is None, DualFault.ALREADY_CONFIRMED)
    locked.certified_at = now
    session.flush()
    record(session, events.RoundCertified(**about(locked), bundle=bundle), by=by, now=now)
