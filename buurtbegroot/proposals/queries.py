"""Reading plans: the ballot of a round, lists and single plans; nothing here writes."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, contains_eager, defer, joinedload, selectinload

from buurtbegroot.akkoord.models import Edition, Point
from buurtbegroot.areas.models import Area
from buurtbegroot.areas.words import fold
from buurtbegroot.core.plans import Plan
from buurtbegroot.proposals.listing import COST_CLASSES, STATUSES, WHOLE_AREA, Facets, Listing, Order, Wanted
from buurtbegroot.proposals.models import PUBLIC_STATUSES, Proposal, ProposalStatus
from buurtbegroot.rounds.models import Round, RoundPoint, Theme
from buurtbegroot.rounds.queries import area_key, rules_or_none, theme_key

LARGEST_ID, LARGEST_NUMBER = 2**63 - 1, 2**31 - 1  # what the columns hold; an address may hold more


def plans_on_ballot(session: Session, round_id: int) -> Sequence[Proposal]:
    """Return the admitted plans of a round by number."""
    rows = select(Proposal).where(Proposal.round_id == round_id, Proposal.status == ProposalStatus.ADMITTED)
    return session.scalars(rows.order_by(Proposal.number)).all()


def ballot_plans(session: Session, round_: Round) -> tuple[Plan, ...]:
    """Return the admitted plans by number as the count sees them: checked cost in cents, theme and area as groups."""
    rules = rules_or_none(round_)
    rows = select(Proposal).where(Proposal.round_id == round_.id, Proposal.status == ProposalStatus.ADMITTED)
    loaded = rows.options(joinedload(Proposal.theme), joinedload(Proposal.buurt).options(defer(Area.outline)))
    return tuple(
        Plan(id=plan.id, cost_cents=plan.cost_cents, theme=theme_key(plan.theme), area=area_key(rules, plan.buurt))
        for plan in session.scalars(loaded.order_by(Proposal.number))
    )


def proposal_by_id(session: Session, proposal_id: int) -> Proposal | None:
    """Return a plan of any status with its round, theme and buurt, or None."""
    return session.scalar(_whole().where(Proposal.id == proposal_id)) if proposal_id <= LARGEST_ID else None


def proposal_by_number(session: Session, round_id: int, number: int) -> Proposal | None:
    """Return the submitted plan with this number in the round, or None."""
    mine = (Proposal.round_id == round_id, Proposal.number == number, Proposal.status != ProposalStatus.CONCEPT)
    return session.scalar(_whole().where(*mine)) if number <= LARGEST_NUMBER else None


def _whole() -> Select[Proposal]:
    return (
        select(Proposal)
        .join(Proposal.round)
        .join(Round.owner)
        .options(
            contains_eager(Proposal.round).contains_eager(Round.owner).defer(Area.outline),
            joinedload(Proposal.theme),
            joinedload(Proposal.buurt),
        )
    )


def round_of_plans(session: Session, slug: str) -> Round | None:
    """Return a published round with its owner and windows: what stands around a list of its plans; two queries."""
    whole = select(Round).options(joinedload(Round.owner).defer(Area.outline), selectinload(Round.windows))
    return session.scalar(whole.where(Round.slug == slug, Round.published_at.is_not(None)))


def proposals_of(session: Session, author_id: int) -> Sequence[Proposal]:
    """Return all plans that a person made, concepts too, the last changed first, with their rounds."""
    rows = select(Proposal).where(Proposal.author_id == author_id).order_by(Proposal.changed_at.desc(), Proposal.id)
    return session.scalars(rows.options(joinedload(Proposal.round).selectinload(Round.windows))).all()


def points_to_choose(session: Session, round_: Round) -> Sequence[Point]:
    """Return the accord points that a plan can carry out: those of the round first, then the rest of the edition."""
    newest = select(Edition.id).order_by(Edition.adopted_on.desc()).limit(1).scalar_subquery()
    own = RoundPoint.point_id.is_not(None)
    rows = select(Point).outerjoin(RoundPoint, and_(RoundPoint.point_id == Point.id, RoundPoint.round_id == round_.id))
    found = rows.where(or_(own, Point.edition_id == newest))
    return session.scalars(found.order_by(case((own, 0), else_=1), Point.number)).all()


def similar_proposals(session: Session, proposal: Proposal, *, most: int = 5) -> Sequence[Any]:
    """Return public plans of the round that share words with the title of this one, those that share most first."""
    words = [word for word in dict.fromkeys(fold(proposal.title).split()) if len(word) > 3][:12]
    if not words:
        return ()
    shared = sum((case((_contains(word), 1), else_=0) for word in words[1:]), case((_contains(words[0]), 1), else_=0))
    rows = select(Proposal.id, Proposal.number, Proposal.title, Proposal.summary, shared.label("shared"))
    public = rows.where(
        Proposal.round_id == proposal.round_id, Proposal.status.in_(PUBLIC_STATUSES), Proposal.id != proposal.id
    )
    least = 1 if len(words) < 3 else 2
    return session.execute(public.where(shared >= least).order_by(shared.desc(), Proposal.number).limit(most)).all()


def listing(
    session: Session, args: Mapping[str, str], *, seed: int, number: int, size: int, round_id: int | None = None
) -> Listing:
    """Return one page of plans as the address `args` asks, in four queries, without building entities.

    `round_id` None takes all published rounds. `seed` is the visitor's own, for the shuffled order.
    """
    wanted = Wanted.from_args(args)
    where = _filters(wanted, round_id)
    facets = plan_facets(session, round_id)
    joined = select(func.count()).select_from(Proposal).join(Proposal.round).outerjoin(Proposal.theme)
    total = session.scalar(joined.where(*where)) if wanted.is_narrowed else facets.total
    rows = listed_proposals(session, wanted, round_id=round_id, seed=seed, limit=size, offset=(number - 1) * size)
    return Listing(rows=rows, number=number, size=size, total=total or 0, wanted=wanted, facets=facets)


def listed_proposals(
    session: Session, wanted: Wanted, *, round_id: int | None, seed: int, limit: int, offset: int = 0
) -> Sequence[Any]:
    """Return what cards show of the plans that pass the filters, as rows of plain values.

    Each has id, number, title, summary, place, status, price_cents, theme, scene, buurt, round_slug, round_title and
    is_frozen; the price is the checked cost, or the estimate as long as nothing was checked.
    """
    columns = (
        select(
            Proposal.id,
            Proposal.number,
            Proposal.title,
            Proposal.summary,
            Proposal.place,
            Proposal.status,
            _price().label("price_cents"),
            Theme.name.label("theme"),
            func.coalesce(func.nullif(Proposal.scene, ""), Theme.scene, "").label("scene"),
            Area.name.label("buurt"),
            Round.slug.label("round_slug"),
            Round.title.label("round_title"),
            (Round.fingerprint != "").label("is_frozen"),
        )
        .join(Proposal.round)
        .outerjoin(Proposal.theme)
        .outerjoin(Proposal.buurt)
    )
    found = columns.where(*_filters(wanted, round_id)).order_by(*_order(wanted.order, seed))
    return session.execute(found.limit(limit).offset(offset)).all()


def plan_facets(session: Session, round_id: int | None) -> Facets:
    """Return what a list can be filtered by, counted over the plans that it shows without a filter; two queries."""
    where = _filters(Wanted(), round_id)
    themes = select(Theme.name, func.min(Theme.scene), func.count()).select_from(Proposal).join(Proposal.round)
    counted = session.execute(
        themes.outerjoin(Proposal.theme).where(*where).group_by(Theme.name).order_by(func.count().desc(), Theme.name)
    ).all()
    areas = select(Area.code, Area.name).distinct().select_from(Proposal).join(Proposal.round).join(Proposal.buurt)
    return Facets(
        themes=[tuple(row) for row in counted if row[0] is not None],
        buurten=[tuple(row) for row in session.execute(areas.where(*where).order_by(Area.name))],
        total=sum(row[2] for row in counted),
    )


def status_counts(session: Session, round_id: int) -> dict[ProposalStatus, int]:
    """Return how many plans of the round have each public status, 0 included."""
    rows = select(Proposal.status, func.count()).where(Proposal.round_id == round_id).group_by(Proposal.status)
    found: dict[ProposalStatus, int] = dict.fromkeys(PUBLIC_STATUSES, 0)
    found.update((row[0], row[1]) for row in session.execute(rows) if row[0] in found)
    return found


def plans_to_check(round_id: int, statuses: Sequence[ProposalStatus]) -> Select[Proposal]:
    """Return a select of the round's plans with these statuses, by number, with theme and decisions."""
    rows = select(Proposal).where(Proposal.round_id == round_id, Proposal.status.in_(statuses))
    loaded = rows.options(joinedload(Proposal.theme), selectinload(Proposal.decisions))
    return loaded.order_by(Proposal.number)


def _price() -> ColumnElement[int]:
    return case((Proposal.cost_cents > 0, Proposal.cost_cents), else_=Proposal.estimate_cents)


def _contains(word: str) -> ColumnElement[bool]:
    return Proposal.search.contains(word, autoescape=True)


def _filters(wanted: Wanted, round_id: int | None) -> list[ColumnElement[bool]]:
    found = [Proposal.status.in_(STATUSES[wanted.status]), *map(_contains, wanted.terms())]
    found.append(Round.published_at.is_not(None) if round_id is None else Proposal.round_id == round_id)
    if wanted.theme:
        found.append(Theme.name == wanted.theme)
    if wanted.buurt:
        found.append(Proposal.buurt_code.is_(None) if wanted.buurt == WHOLE_AREA else _in_buurt(wanted.buurt))
    if wanted.cost:
        least, below = COST_CLASSES[wanted.cost]
        found.append(_price() >= least if below is None else _price().between(least, below - 1))
    return found


def _in_buurt(code: str) -> ColumnElement[bool]:
    return Proposal.buurt_code == code


def _order(order: Order, seed: int) -> tuple[Any, ...]:
    by = {
        Order.SHUFFLED: (shuffle_key(seed),),
        Order.NEWEST: (Proposal.submitted_at.desc().nulls_last(), Proposal.number.desc()),
        Order.CHEAPEST: (_price(),),
        Order.DEAREST: (_price().desc(),),
        Order.TITLE: (Proposal.search,),
    }[order]
    return (*by, Proposal.id)


PRIME = 2**31 - 1


def shuffle_key(seed: int) -> ColumnElement[int]:
    """Return a sort key that puts plans in an order of the seed's own; both databases compute the same one.

    With x = id * a + b modulo the prime 2^31 - 1, the key is x * (x + c) modulo the same: squaring parts ids that
    follow each other, and no product leaves 64 bits.
    """
    a, b, c = (1 + seed * factor % (PRIME - 1) for factor in (48_271, 69_621, 40_014))
    mixed = (Proposal.id * a + b) % PRIME
    return (mixed * ((mixed + c) % PRIME)) % PRIME
