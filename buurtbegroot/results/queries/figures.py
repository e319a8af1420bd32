"""Figures of published rounds, their plans, ballots and money: of the city, areas, stadsdelen and accord points."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, case, func, literal, select, union, union_all
from sqlalchemy.orm import Session

from buurtbegroot.areas.models import Area
from buurtbegroot.proposals.models import PUBLIC_STATUSES, Proposal, ProposalPoint, ProposalStatus
from buurtbegroot.rounds.models import Pot, Round, RoundArea, RoundPoint
from buurtbegroot.rounds.queries import HAS_PUBLIC_OUTCOME
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


def figures_for_city(session: Session) -> Figures:
    """Return the figures of all published rounds, in one query that counts plans by index."""
    pots = select(func.sum(Pot.cents)).where(Pot.round_id == Round.id)
    plans = select(func.count()).where(Proposal.round_id == Round.id, Proposal.status.in_(STANDING))
    ballots = select(Tally.valid_ballots).where(Tally.round_id == Round.id)
    awarded = select(func.sum(PlanResult.awarded_cents)).where(PlanResult.round_id == Round.id)
    each = select(
        plans.scalar_subquery().label("plans"),
        if_certified(ballots).label("ballots"),
        pots.scalar_subquery().label("offered"),
        if_certified(awarded).label("awarded"),
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
    plans = select(literal("").label("key"), Proposal.id.label("proposal_id")).where(in_areas(codes))
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


def if_certified(figure: Select[Any]) -> ColumnElement[Any]:
    """Return a figure of a round once it is certified, and 0 before."""
    return case((HAS_PUBLIC_OUTCOME, figure.scalar_subquery()), else_=0)


def in_areas(codes: Collection[str]) -> Any:
    """Say in SQL that a plan is for one of these buurten, or for a whole round within them."""
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
