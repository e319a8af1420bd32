"""Figures and lists across rooms, for pages that show the whole story; all computed from rows, none ever typed."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, bindparam, case, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from buurtbegroot.core.standing import Standing
from buurtbegroot.core.tally.trace import Judgement
from buurtbegroot.proposals.models import Proposal, ProposalPoint, ProposalStatus
from buurtbegroot.proposals.queries import made_by
from buurtbegroot.results.domain.outcome import PlanName
from buurtbegroot.results.domain.why import WhyPage
from buurtbegroot.results.queries.figures import STANDING, if_certified, in_areas
from buurtbegroot.rounds.models import Round, RoundArea, RoundPoint
from buurtbegroot.rounds.queries import HAS_PUBLIC_OUTCOME, rounds_in, standing_of
from buurtbegroot.rounds.queries.lists import CURRENT
from buurtbegroot.tally.domain.explaining import probe_from, why_from
from buurtbegroot.tally.models import PlanResult, Tally


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


def totals_of_rounds(session: Session, round_ids: Collection[int]) -> dict[int, RoundTotals]:
    """Return what each of these rounds holds, in one query; a round without any is all zeros."""
    of_round = select(func.count()).where(Proposal.round_id == Round.id)
    results = select(PlanResult.round_id).where(PlanResult.round_id == Round.id)
    found = select(
        Round.id,
        of_round.where(Proposal.status.in_(STANDING)).scalar_subquery(),
        if_certified(select(Tally.valid_ballots).where(Tally.round_id == Round.id)),
        if_certified(results.with_only_columns(func.count()).where(PlanResult.awarded_cents > 0)),
        if_certified(results.with_only_columns(func.sum(PlanResult.awarded_cents))),
        of_round.where(Proposal.status == ProposalStatus.SUBMITTED).scalar_subquery(),
    ).where(Round.id.in_(round_ids))
    return {row[0]: RoundTotals(*(int(figure or 0) for figure in row[1:])) for row in session.execute(found)}


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


class MadePlan(NamedTuple):
    """A plan as its maker finds it; what a certified count did with it, None where there is none or it is not told."""

    plan: Proposal
    verdict: str | None
    awarded_cents: int | None
    why: WhyPage | None


def plans_of_maker(session: Session, author_id: int) -> list[MadePlan]:
    """Return all plans that a person made, the last changed first, with their decisions; five queries at most."""
    own = (PlanResult.proposal_id == Proposal.id) & (PlanResult.round_id == Proposal.round_id)
    final = select(Round.id).where(HAS_PUBLIC_OUTCOME)
    is_open = select(Tally.round_id).where(Tally.is_small.is_(False))
    told = case((PlanResult.round_id.in_(is_open), PlanResult.why))
    rows = made_by(author_id).options(selectinload(Proposal.decisions))
    joined = rows.outerjoin(PlanResult, own & PlanResult.round_id.in_(final))
    found = session.execute(joined.add_columns(PlanResult.verdict, PlanResult.awarded_cents, told)).all()
    reasons = {plan.id: why_from(why) for plan, _verdict, _cents, why in found if why}
    names = _names_in(session, {one for why in reasons.values() for one in _named(why.judgement)})
    pages = {
        plan: WhyPage(why, tuple(names[one] for one in sorted(_named(why.judgement)))) for plan, why in reasons.items()
    }
    return [MadePlan(plan, verdict, cents, pages.get(plan.id)) for plan, verdict, cents, _why in found]


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
    return _plans().where(in_areas(codes))


def plans_of_point(point_id: int) -> Select[Proposal]:
    """Return a select of the plans that are linked to this accord point themselves, the latest first."""
    linked = select(ProposalPoint.proposal_id).where(ProposalPoint.point_id == point_id)
    return _plans().where(Proposal.id.in_(linked))


def _plans() -> Select[Proposal]:
    found = select(Proposal).join(Proposal.round).where(Round.published_at.is_not(None))
    loaded = found.where(Proposal.status.in_(STANDING)).options(joinedload(Proposal.round))
    return loaded.order_by(Proposal.created_at.desc(), Proposal.id.desc())


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
    return list(_names_in(session, _named(one)).values())


def _named(one: Judgement) -> set[int]:
    return {*(one.tie.plans if one.tie else ()), *([one.rival] if one.rival else ())} - {one.plan}


def _names_in(session: Session, plans: Collection[int]) -> dict[int, PlanName]:
    if not plans:
        return {}
    rows = select(Proposal.id, Proposal.number, Proposal.title, Proposal.language).where(Proposal.id.in_(plans))
    return {row.id: PlanName(*row) for row in session.execute(rows.order_by(Proposal.id))}
