"""Reading what voters see, which rounds take votes, and what one lacks before it can; nothing here writes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import Session, load_only

from buurtbegroot.areas.models import Area
from buurtbegroot.box.domain.anchors import KeyFileError
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.queries import booth_of, withdrawn_plans
from buurtbegroot.core.phases import Phase, Window
from buurtbegroot.core.rule_problems import problems
from buurtbegroot.core.standing import Standing, standing_at
from buurtbegroot.proposals.models import Proposal, ProposalStatus
from buurtbegroot.proposals.queries import ballot_plans, unjudged_plans
from buurtbegroot.proposals.queries.listing import shuffled
from buurtbegroot.registry.queries import code_counts
from buurtbegroot.rounds.models import PhaseWindow, Round, Theme
from buurtbegroot.rounds.queries import MOMENTS, box_takes_votes, is_time_to_open, rules_or_none, standing_of

LEAST_PLANS = 2


class VotingRound(NamedTuple):
    """A published round as the booth knows it; from when until when one can vote is None while that is not settled.

    `areas_changed_at` is when an area last got another name, `versions` the sum of how often each plan changed.
    """

    id: int
    slug: str
    title: str
    fingerprint: str
    published_at: datetime | None
    opened_at: datetime | None
    closed_at: datetime | None
    certified_at: datetime | None
    envelopes: int | None
    begins_at: datetime | None
    ends_at: datetime | None
    areas_changed_at: datetime | None
    versions: int | None

    def standing(self, now: datetime) -> Standing:
        """Return how far the round is, as the booth needs to know: by the time for voting alone."""
        if self.begins_at is None or self.ends_at is None:
            return standing_at((), self, now)
        return standing_at((Window(Phase.VOTING, self.begins_at, self.ends_at),), self, now)


class ListedPlan(NamedTuple):
    """A plan as the ballot page shows it; `search` holds its folded words."""

    id: int
    number: int
    title: str
    cost_cents: int
    theme: str | None
    buurt: str | None
    scene: str
    search: str
    language: str


def voting_round(session: Session, slug: str) -> VotingRound | None:
    """Return a published round, or None."""
    found = session.connection().execute(_VOTING_ROUND, {"slug": slug}).one_or_none()
    return VotingRound._make(found) if found else None


def slug_of(session: Session, round_id: int) -> str | None:
    """Return the slug of a published round, or None."""
    return session.scalar(select(Round.slug).where(Round.id == round_id, Round.published_at.is_not(None)))


def open_rounds(session: Session, now: datetime) -> Sequence[Round]:
    """Return the rounds whose ballot box takes votes now, by title."""
    rows = select(Round).join(PhaseWindow, PhaseWindow.round_id == Round.id).where(*box_takes_votes(now))
    return session.scalars(rows.order_by(Round.title)).all()


def listed_plans(session: Session, round_: VotingRound, *, seed: int) -> list[ListedPlan]:
    """Return the plans on the ballot of an opened vote in the order that belongs to a visitor's seed.

    The database is asked only once in a process: nothing on an opened ballot can change but the names of areas, and
    what of its words is hidden.
    """
    version = round_.fingerprint, round_.areas_changed_at, round_.versions
    kept = _listed.get(round_.id)
    if kept is None or kept[0] != version:
        rows = session.connection().execute(_LISTED, {"round": round_.id})
        kept = _listed[round_.id] = version, tuple(map(ListedPlan._make, rows))
    key = shuffled(seed)
    return sorted(kept[1], key=lambda plan: (key(plan.id), plan.id))


class WithdrawnPlan(NamedTuple):
    """A plan that was taken off the open ballot, as everyone reads it."""

    id: int
    number: int
    title: str
    language: str
    reason: str


def withdrawn_from(session: Session, config: Mapping[str, Any], round_: Round | VotingRound) -> list[WithdrawnPlan]:
    """Return the plans that were taken off the open ballot, in that order, as the trusted values have it.

    Raises KeyFileError when the files of an opened vote cannot be read.
    """
    reasons = withdrawn_plans(config, round_.id) if round_.opened_at is not None else {}
    if not reasons:
        return []
    rows = select(Proposal.id, Proposal.number, Proposal.title, Proposal.language)
    found = {row.id: row for row in session.execute(rows.where(Proposal.id.in_(reasons)))}
    return [WithdrawnPlan(*found[plan], reason=reason) for plan, reason in reasons.items()]


def area_names(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """Return the names of areas by code."""
    rows = session.scalars(select(Area).where(Area.code.in_(list(codes))).options(load_only(Area.name)))
    return {area.code: area.name for area in rows}


# Put together once: building a statement takes longer than running it, and every ballot needs these.
_VOTING_ROUND = (
    select(
        Round.id,
        Round.slug,
        Round.title,
        Round.fingerprint,
        *MOMENTS,
        PhaseWindow.begins_at,
        PhaseWindow.ends_at,
        select(func.max(Area.changed_at)).scalar_subquery(),
        select(func.sum(Proposal.version)).where(Proposal.round_id == Round.id).scalar_subquery(),
    )
    .outerjoin(PhaseWindow, and_(PhaseWindow.round_id == Round.id, PhaseWindow.phase == Phase.VOTING))
    .where(Round.slug == bindparam("slug"), Round.published_at.is_not(None))
)
_LISTED = (
    select(
        Proposal.id,
        Proposal.number,
        Proposal.title,
        Proposal.cost_cents,
        Theme.name,
        Area.name,
        func.coalesce(func.nullif(Proposal.scene, ""), Theme.scene, ""),
        Proposal.search,
        Proposal.language,
    )
    .outerjoin(Theme, Theme.id == Proposal.theme_id)
    .outerjoin(Area, Area.code == Proposal.buurt_code)
    .where(Proposal.round_id == bindparam("round"), Proposal.status == ProposalStatus.ADMITTED)
)
_listed: dict[int, tuple[tuple[object, ...], tuple[ListedPlan, ...]]] = {}


class Missing(StrEnum):
    """What a round still lacks before its vote can be opened."""

    RULES = "rules"
    SOUND_RULES = "sound_rules"
    VERDICTS = "verdicts"
    PLANS = "plans"
    CODES = "codes"
    KEYS = "keys"
    FEASIBILITY_ENDED = "feasibility_ended"
    RIGHT_TIME = "right_time"
    STILL_CLOSED = "still_closed"


def missing_for_opening(session: Session, round_: Round, *, keys: KeyStore, now: datetime) -> list[Missing]:
    """Return everything that keeps the vote from being opened at this moment, in the order of the checklist."""
    plans, rules = ballot_plans(session, round_), rules_or_none(round_)
    standing = standing_of(round_, now)
    held = {
        Missing.RULES: rules is not None,
        Missing.SOUND_RULES: rules is not None and not problems(rules, round_.budget_cents, plans),
        Missing.VERDICTS: not unjudged_plans(session, round_.id),
        Missing.PLANS: len(plans) >= LEAST_PLANS,
        Missing.CODES: code_counts(session, round_.id).active > 0,
        Missing.KEYS: _has_keys(session, round_, keys),
        Missing.FEASIBILITY_ENDED: Phase.FEASIBILITY not in standing.running | standing.coming,
        Missing.RIGHT_TIME: round_.opened_at is not None or is_time_to_open(round_, now),
        Missing.STILL_CLOSED: round_.opened_at is None,
    }
    return [lacking for lacking, is_there in held.items() if not is_there]


def _has_keys(session: Session, round_: Round, keys: KeyStore) -> bool:
    booth = booth_of(session, round_.id)
    try:
        return booth is not None and keys.load(round_.id).sealing_public == booth.sealing_public
    except KeyFileError:
        return False
