"""Figures and lists across rooms, for pages that show the whole story; all computed from rows, none ever typed."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, case, func, literal, select, union, union_all
from sqlalchemy.orm import Session, joinedload

from buurtbegroot.areas.models import Area
from buurtbegroot.core.standing import Standing
from buurtbegroot.core.tally.trace import Judgement
from buurtbegroot.proposals.models import PUBLIC_STATUSES, Proposal, ProposalPoint, ProposalStatus
from buurtbegroot.proposals.queries import made_by
from buurtbegroot.results.domain.outcome import PlanName
from buurtbegroot.results.domain.why import WhyPage
from buurtbegroot.rounds.models import Pot, Round, RoundArea, RoundPoint
from buurtbegroot.rounds.queries import HAS_PUBLIC_OUTCOME, rounds_in, standing_of
from buurtbegroot.rounds.queries.lists import CURRENT
from buurtbegroot.tally.domain.explaining import probe_from, why_from
from buurtbegroot.tally.models import PlanResult, Tally

STANDING = tuple(status for status in PUBLIC_STATUSES if status is not ProposalStatus.WITHDRAWN)
"""The plans that figures count: submitted, not withdrawn."""


class Figures(NamedTuple):
    """Published rounds, their plans and valid ballots, and euro cents: offered in pots, awarded once certified."""

    rounds: int = 0
    plans: int = 0
    ballots: int = 0
    offered_cents: int = 0
    awarded_cents: int = 0


class RoundTotals(NamedTuple):
    """What one round holds: plans that stand, without a verdict too; ballots, winners and cents once certified."""

    plans: int = 0
    ballots: int = 0
    winners: int = 0
    awarded_cents: int = 0
    unjudged: int = 0


class RoundCard(NamedTuple):
    """A round as a list shows it: how far it is, what it holds, and the codes of its buurten."""

    round: Round
    standing: Standing
    totals: RoundTotals
    codes: list[str]


def figures_for_city(session: Session) -> Figures:
    """Return the figures of all published rounds, in one query that counts plans by index."""
    pots = select(func.sum(Pot.cents)).where(Pot.round_id == Round.id)
    plans = select(func.count()).where(Proposal.round_id == Round.id, Proposal.status.in_(STANDING))
    ballots = select(Tally.valid_ballots).where(Tally.round_id == Round.id)
    awarded = select(func.sum(PlanResult.awarded_cents)).where(PlanResult.round_id == Round.id)
    each = select(
        plans.scalar_subquery().label("plans"),
        _if_certified(ballots).label("ballots"),
        pots.scalar_subquery().label("offered"),
        _if_certified(awarded).label("awarded"),
    )
    of = each.where(Round.published_at.is_not(None)).subquery().c
    sums = session.execute(select(func.count(), *map(func.sum, (of.plans, of.ballots, of.offered, of.awarded)))).one()
    return Figures(*(int(figure or 0) for figure in sums))


def figures_for_areas(session: Session, codes: Collection[str]) -> Figures:
    """Return the figures of a set of buurten, in one query.

    A round counts, with all its money, when one of the buurten takes part. A plan counts when its buurt is one of
    them, or when it is for its whole round and that round lies within them.
    """
    touching = select(RoundArea.round_id).where(RoundArea.area_code.in_(codes)).distinct()
    rounds = select(literal("").label("key"), touching.subquery().c.round_id)
    plans = select(literal("").label("key"), Proposal.id.label("proposal_id")).where(_in_areas(codes))
    return _figures(session, rounds, plans).get("", Figures())


def figures_by_district(session: Session) -> dict[str, Figures]:
    """Return the figures of each stadsdeel that has any, by code, counted as `figures_for_areas` does; one query."""
    pairs = select(Area.district_code.label("key"), RoundArea.round_id).join(Area, Area.code == RoundArea.area_code)
    rounds = pairs.distinct()
    placed = select(Area.district_code.label("key"), Proposal.id.label("proposal_id")).join(
        Area, Area.code == Proposal.buurt_code
    )
    found = rounds.subquery()
    single = select(func.min(found.c.key).label("key"), found.c.round_id).group_by(found.c.round_id)
    whole = single.having(func.count() == 1).subquery()
    unplaced = select(whole.c.key, Proposal.id).join(whole, whole.c.round_id == Proposal.round_id)
    plans = union_all(placed, unplaced.where(Proposal.buurt_code.is_(None)))
    return _figures(session, rounds, plans)


def figures_by_point(session: Session) -> dict[int, Figures]:
    """Return the figures of each accord point that has any, by its id, in one query.

    A plan counts for a point when it is linked itself, or when its round is.
    """
    own = select(ProposalPoint.point_id.label("key"), ProposalPoint.proposal_id)
    through = select(RoundPoint.point_id, Proposal.id).join(RoundPoint, RoundPoint.round_id == Proposal.round_id)
    rounds = select(RoundPoint.point_id.label("key"), RoundPoint.round_id)
    return _figures(session, rounds, union(own, through))


def figures_for_point(session: Session, point_id: int) -> Figures:
    """Return the figures of one accord point, in one query."""
    return figures_by_point(session).get(point_id, Figures())


def totals_of_rounds(session: Session, round_ids: Collection[int]) -> dict[int, RoundTotals]:
    """Return what each of these rounds holds, in one query; a round without any is all zeros."""
    of_round = select(func.count()).where(Proposal.round_id == Round.id)
    results = select(PlanResult.round_id).where(PlanResult.round_id == Round.id)
    found = select(
        Round.id,
        of_round.where(Proposal.status.in_(STANDING)).scalar_subquery(),
        _if_certified(select(Tally.valid_ballots).where(Tally.round_id == Round.id)),
        _if_certified(results.with_only_columns(func.count()).where(PlanResult.awarded_cents > 0)),
        _if_certified(results.with_only_columns(func.sum(PlanResult.awarded_cents))),
        of_round.where(Proposal.status == ProposalStatus.SUBMITTED).scalar_subquery(),
    ).where(Round.id.in_(round_ids))
    return {row[0]: RoundTotals(*(int(figure or 0) for figure in row[1:])) for row in session.execute(found)}


def _if_certified(figure: Select[Any]) -> ColumnElement[Any]:
    return case((HAS_PUBLIC_OUTCOME, figure.scalar_subquery()), else_=0)


def buurten_of_rounds(session: Session, round_ids: Collection[int]) -> dict[int, list[str]]:
    """Return the codes of the buurten of each of these rounds, in one query."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    rows = select(RoundArea.round_id, RoundArea.area_code).where(RoundArea.round_id.in_(round_ids))
    for round_id, code in session.execute(rows.order_by(RoundArea.area_code)):
        found[round_id].append(code)
    return found


def cards_of(session: Session, rounds: Sequence[Round], *, now: datetime) -> list[RoundCard]:
    """Return the cards of these rounds, those where one can do something now first; two queries."""
    ids = [round_.id for round_ in rounds]
    totals, codes = totals_of_rounds(session, ids), buurten_of_rounds(session, ids)
    cards = [
        RoundCard(round_, standing_of(round_, now), totals=totals[round_.id], codes=codes[round_.id])
        for round_ in rounds
    ]
    return sorted(cards, key=lambda card: (CURRENT.index(card.standing.stage), card.standing.until or now))


def plans_of_maker(session: Session, author_id: int) -> Sequence[tuple[Proposal, str | None]]:
    """Return all plans that a person made as `proposals_of` does, each with the verdict of a certified count."""
    own = (PlanResult.proposal_id == Proposal.id) & (PlanResult.round_id == Proposal.round_id)
    final = select(PlanResult.verdict).join(Round, Round.id == PlanResult.round_id).where(own, HAS_PUBLIC_OUTCOME)
    rows = made_by(author_id).add_columns(final.correlate(Proposal).scalar_subquery())
    return [(plan, verdict) for plan, verdict in session.execute(rows)]


def rounds_in_areas(session: Session, codes: Collection[str]) -> Sequence[Round]:
    """Return the published rounds in which any of these buurten takes part, the latest first."""
    touching = select(RoundArea.round_id).where(RoundArea.area_code.in_(codes))
    return session.scalars(rounds_in().where(Round.id.in_(touching))).all()


def rounds_of_point(session: Session, point_id: int) -> Sequence[Round]:
    """Return the published rounds that carry out this accord point, the latest first."""
    linked = select(RoundPoint.round_id).where(RoundPoint.point_id == point_id)
    return session.scalars(rounds_in().where(Round.id.in_(linked))).all()


def plans_in_areas(codes: Collection[str]) -> Select[Proposal]:
    """Return a select of the plans for these buurten, counted as `figures_for_areas` does, the latest first."""
    return _plans().where(_in_areas(codes))


def plans_of_point(point_id: int) -> Select[Proposal]:
    """Return a select of the plans that are linked to this accord point themselves, the latest first."""
    linked = select(ProposalPoint.proposal_id).where(ProposalPoint.point_id == point_id)
    return _plans().where(Proposal.id.in_(linked))


def _plans() -> Select[Proposal]:
    found = select(Proposal).join(Proposal.round).where(Round.published_at.is_not(None))
    loaded = found.where(Proposal.status.in_(STANDING)).options(joinedload(Proposal.round))
    return loaded.order_by(Proposal.created_at.desc(), Proposal.id.desc())


def _in_areas(codes: Collection[str]) -> Any:
    inside = select(RoundArea.round_id).where(RoundArea.area_code.in_(codes))
    outside = select(RoundArea.round_id).where(RoundArea.area_code.not_in(codes))
    whole = Proposal.round_id.in_(inside) & Proposal.round_id.not_in(outside)
    return Proposal.buurt_code.in_(codes) | (Proposal.buurt_code.is_(None) & whole)


def _figures(session: Session, rounds: Any, plans: Any) -> dict[Any, Figures]:
    """Add up by key: `rounds` selects (key, round_id), `plans` selects (key, proposal_id), both without repeats."""
    found: defaultdict[Any, Figures] = defaultdict(Figures)
    for key, *figures in session.execute(union_all(_round_sums(rounds.subquery()), _plan_sums(plans.subquery()))):
        sums = zip(found[key], figures, strict=True)
        found[key] = Figures(*(before + int(more or 0) for before, more in sums))
    return dict(found)


def _round_sums(links: Any) -> Select[Any]:
    pots = select(Pot.round_id, func.sum(Pot.cents).label("cents")).group_by(Pot.round_id).subquery()
    ballots = func.sum(case((HAS_PUBLIC_OUTCOME, Tally.valid_ballots), else_=0))
    return (
        select(links.c.key, func.count(), literal(0), ballots, func.sum(pots.c.cents), literal(0))
        .join(Round, Round.id == links.c.round_id)
        .outerjoin(pots, pots.c.round_id == Round.id)
        .outerjoin(Tally, Tally.round_id == Round.id)
        .where(Round.published_at.is_not(None))
        .group_by(links.c.key)
    )


def _plan_sums(links: Any) -> Select[Any]:
    awarded = func.sum(case((HAS_PUBLIC_OUTCOME, PlanResult.awarded_cents), else_=0))
    own_result = (PlanResult.proposal_id == Proposal.id) & (PlanResult.round_id == Proposal.round_id)
    return (
        select(links.c.key, literal(0), func.count(), literal(0), literal(0), awarded)
        .join(Proposal, Proposal.id == links.c.proposal_id)
        .join(Round, Round.id == Proposal.round_id)
        .outerjoin(PlanResult, own_result)
        .where(Round.published_at.is_not(None), Proposal.status.in_(STANDING))
        .group_by(links.c.key)
    )


_WHY = (
    select(PlanResult.why, PlanResult.probe)
    .join(Round, Round.id == PlanResult.round_id)
    .join(Tally, Tally.round_id == Round.id)
    .where(PlanResult.proposal_id == bindparam("plan"), HAS_PUBLIC_OUTCOME, Tally.is_small.is_(False))
)


def why_of_plan(session: Session, proposal_id: int) -> WhyPage | None:
    """Return why a plan won or lost once its round is certified; None before that, and when that could tell of ballots.

    One query, and one more when other plans are named.
    """
    stored = session.execute(_WHY, {"plan": proposal_id}).first()
    if stored is None or not stored.why:
        return None
    why = why_from(stored.why)
    return WhyPage(why, tuple(_names(session, why.judgement)), probe_from(stored.probe) if stored.probe else None)


def _names(session: Session, one: Judgement) -> list[PlanName]:
    ids = {*(one.tie.plans if one.tie else ()), *([one.rival] if one.rival else ())} - {one.plan}
    if not ids:
        return []
    rows = select(Proposal.id, Proposal.number, Proposal.title, Proposal.language).where(Proposal.id.in_(ids))
    return [PlanName(*row) for row in session.execute(rows.order_by(Proposal.id))]
