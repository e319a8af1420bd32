"""Reading plans: the ballot of a round, lists and single plans; nothing here writes."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session, contains_eager, defer, joinedload, selectinload

from buurtbegroot.akkoord.models import Edition, Point
from buurtbegroot.areas.domain.folding import fold
from buurtbegroot.areas.models import Area
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import Ruleset
from buurtbegroot.proposals.domain.drafts import LINE_PARTS, TEXTS, Content, Draft, DraftLine
from buurtbegroot.proposals.models import PUBLIC_STATUSES, CostLine, Proposal, ProposalStatus
from buurtbegroot.proposals.queries.listing import (
    COST_CLASSES,
    SHUFFLED,
    STATUSES,
    WHOLE_AREA,
    Facets,
    Listing,
    Order,
    PlanCard,
    RoundHead,
    Wanted,
    shuffle_keys,
)
from buurtbegroot.rounds.models import PhaseWindow, Round, RoundPoint, Theme
from buurtbegroot.rounds.queries import MOMENTS, area_key, rules_or_none, theme_key
from buurtbegroot.rules.domain.alternatives import Named

PRICE = case((Proposal.cost_cents > 0, Proposal.cost_cents), else_=Proposal.estimate_cents)
CARDS = (
    select(
        Proposal.id,
        Proposal.number,
        Proposal.title,
        Proposal.summary,
        Proposal.place,
        Proposal.status,
        PRICE,
        Theme.name,
        func.coalesce(func.nullif(Proposal.scene, ""), Theme.scene, ""),
        Area.name,
        Proposal.round_id,
        Round.title,
        Proposal.language,
    )
    .join(Proposal.round)
    .outerjoin(Proposal.theme)
    .outerjoin(Proposal.buurt)
)
COUNTED = select(func.count()).select_from(Proposal).join(Proposal.round).outerjoin(Proposal.theme)
GROUPED = (
    select(Proposal.theme_id, Proposal.buurt_code, func.count().label("plans"))
    .join(Proposal.round)
    .group_by(Proposal.theme_id, Proposal.buurt_code)
)
HEADS = (
    select(Round.id, Round.slug, Round.title, Round.note, *MOMENTS, PhaseWindow.begins_at, PhaseWindow.ends_at)
    .outerjoin(PhaseWindow, and_(PhaseWindow.round_id == Round.id, PhaseWindow.phase == Phase.SUBMISSION))
    .where(Round.slug == bindparam("slug"), Round.published_at.is_not(None))
)
WHOLE = (
    select(Proposal)
    .join(Proposal.round)
    .options(
        contains_eager(Proposal.round),
        joinedload(Proposal.theme),
        joinedload(Proposal.buurt).load_only(Area.name, Area.parent_code, Area.gebied_code, Area.district_code),
    )
)
WITH_WINDOWS = contains_eager(Proposal.round).joinedload(Round.windows)
ONE_BY_ID = WHOLE.options(WITH_WINDOWS).where(Proposal.id == bindparam("id"))
WITH_OWNER = contains_eager(Proposal.round).joinedload(Round.owner).defer(Area.outline)
ONE_BY_NUMBER = WHOLE.options(WITH_OWNER).where(
    Proposal.round_id == bindparam("round"),
    Proposal.number == bindparam("number"),
    Proposal.status != ProposalStatus.CONCEPT,
)

ORDERS: dict[Order, tuple[Any, ...]] = {
    Order.SHUFFLED: (SHUFFLED,),
    Order.NEWEST: (Proposal.submitted_at.desc().nulls_last(), Proposal.number.desc()),
    Order.CHEAPEST: (PRICE,),
    Order.DEAREST: (PRICE.desc(),),
    Order.TITLE: (Proposal.search,),
}
COMMON_WORDS = {"plan", "voor", "naar", "deze", "onze", "meer", "over", "door", "buurt"}
LARGEST_ID, LARGEST_NUMBER = 2**63 - 1, 2**31 - 1  # what the columns hold; an address may hold more


def typed_texts(proposal: Proposal) -> dict[str, Any]:
    """Return the texts of a plan as its maker typed them, by name, hidden or not."""
    return {name: getattr(proposal, name if name == "language" else f"stored_{name}") for name in TEXTS}


def typed_line(line: CostLine) -> dict[str, Any]:
    """Return a line of the sum as the maker typed it, hidden or not."""
    return {
        "what": line.stored_what,
        "quantity": line.quantity,
        "unit_cents": line.unit_cents,
        "source": line.stored_source,
        "yearly": line.yearly,
    }


def draft_of(proposal: Proposal) -> Draft:
    """Return what the maker typed of a saved plan."""
    return Draft(
        **typed_texts(proposal),
        theme=proposal.theme,
        buurt=proposal.buurt,
        lines=tuple(DraftLine(**typed_line(line)) for line in proposal.lines),
        point_ids=frozenset(point.id for point in proposal.points),
    )


def typed_content(proposal: Proposal) -> Content:
    """Return all that a version of a plan holds, as its maker typed it, hidden or not."""
    theme, buurt = proposal.theme, proposal.buurt
    return Content(
        **typed_texts(proposal),
        theme=theme.name if theme else None,
        buurt=buurt.code if buurt else None,
        buurt_name=buurt.name if buurt else None,
        lines=tuple(DraftLine(**typed_line(line)) for line in proposal.lines),
        points=tuple((point.number, point.title) for point in proposal.points),
    )


def plan_values(proposal: Proposal) -> dict[str, Any]:
    """Return all that everyone may read of a plan, by name, as the log tells it; not the name of its maker."""
    theme = proposal.theme.name if proposal.theme else None
    return {
        **{name: getattr(proposal, name) for name in TEXTS if name != "author_name"},
        "theme": theme,
        "buurt": proposal.buurt.code if proposal.buurt else None,
        "lines": [{name: getattr(line, name) for name in LINE_PARTS} for line in proposal.lines],
        "accord": [point.number for point in proposal.points],
        **{name: getattr(proposal, name) for name in ("estimate_cents", "cost_cents")},
        "status": proposal.status.value,
    }


def plans_on_ballot(session: Session, round_id: int) -> Sequence[Proposal]:
    """Return the admitted plans of a round by number."""
    rows = select(Proposal).where(Proposal.round_id == round_id, Proposal.status == ProposalStatus.ADMITTED)
    return session.scalars(rows.order_by(Proposal.number)).all()


def ballot_plans(session: Session, round_: Round, *, rules: Ruleset | None = None) -> tuple[Plan, ...]:
    """Return the admitted plans by number as the count sees them: checked cost in cents, theme and area as groups.

    Areas are those that `rules` name, by default the rules of the round as they are stored.
    """
    rules = rules or rules_or_none(round_)
    rows = select(Proposal).where(Proposal.round_id == round_.id, Proposal.status == ProposalStatus.ADMITTED)
    loaded = rows.options(joinedload(Proposal.theme), joinedload(Proposal.buurt).options(defer(Area.outline)))
    return tuple(
        Plan(id=plan.id, cost_cents=plan.cost_cents, theme=theme_key(plan.theme), area=area_key(rules, plan.buurt))
        for plan in session.scalars(loaded.order_by(Proposal.number))
    )


def named_plans(session: Session, plans: Iterable[int]) -> dict[int, Named]:
    """Return how a page names these plans, their themes and their buurten."""
    named = (
        select(Proposal.id, Proposal.title, Theme.name, Area.name, Proposal.language)
        .outerjoin(Theme, Theme.id == Proposal.theme_id)
        .outerjoin(Area, Area.code == Proposal.buurt_code)
        .where(Proposal.id.in_(plans))
    )
    return {
        plan: Named(title, theme or "", buurt or "", language)
        for plan, title, theme, buurt, language in session.execute(named)
    }


def buurten_with_plans(session: Session, round_id: int) -> set[str]:
    """Return the codes of the buurten that submitted plans of the round are for; withdrawn ones do not count."""
    gone = (ProposalStatus.CONCEPT, ProposalStatus.WITHDRAWN)
    rows = select(Proposal.buurt_code).where(Proposal.round_id == round_id, Proposal.status.not_in(gone))
    return set(session.scalars(rows.where(Proposal.buurt_code.is_not(None)).distinct()))


def proposal_by_id(session: Session, proposal_id: int) -> Proposal | None:
    """Return a plan of any status with its round, theme and buurt, or None."""
    if proposal_id > LARGEST_ID:
        return None
    return session.scalars(ONE_BY_ID, {"id": proposal_id}).unique().one_or_none()


def public_plan(session: Session, proposal_id: int) -> Proposal | None:
    """Return a plan that everyone may read, or None."""
    found = proposal_by_id(session, proposal_id)
    return found if found and found.status in PUBLIC_STATUSES and found.round.published_at else None


def public_plans(session: Session, numbers: Collection[int]) -> Sequence[Proposal]:
    """Return those of these plans that everyone may read, with their cost lines and makers; three queries."""
    rows = WHOLE.where(Proposal.id.in_(numbers), Proposal.status.in_(PUBLIC_STATUSES), Round.published_at.is_not(None))
    wanted = joinedload(Proposal.author), selectinload(Proposal.lines)
    return session.scalars(rows.options(*wanted)).all()


def proposal_by_number(session: Session, round_id: int, number: int) -> Proposal | None:
    """Return the submitted plan with this number in the round, or None."""
    key = {"round": round_id, "number": number}
    return session.scalar(ONE_BY_NUMBER, key) if number <= LARGEST_NUMBER else None


def round_head(session: Session, slug: str) -> RoundHead | None:
    """Return what stands around the list of a published round's plans, or None."""
    found = session.execute(HEADS, {"slug": slug}).first()
    return RoundHead(*found) if found else None


def proposals_of(session: Session, author_id: int) -> Sequence[Proposal]:
    """Return all plans that a person made, concepts too, the last changed first, with their rounds."""
    return session.scalars(made_by(author_id)).all()


def made_by(author_id: int) -> Select[Proposal]:
    """Return a select of all plans that a person made, as `proposals_of` gives them."""
    rows = select(Proposal).where(Proposal.author_id == author_id).order_by(Proposal.changed_at.desc(), Proposal.id)
    return rows.options(joinedload(Proposal.round).selectinload(Round.windows))


def plan_key(proposal: Proposal) -> str:
    """Return what the log calls this plan."""
    return proposal.key


def points_to_choose(session: Session, round_: Round) -> Sequence[Point]:
    """Return the accord points that a plan can carry out: those of the round first, then the rest of the edition."""
    newest = select(Edition.id).order_by(Edition.adopted_on.desc()).limit(1).scalar_subquery()
    own = RoundPoint.point_id.is_not(None)
    rows = select(Point).outerjoin(RoundPoint, and_(RoundPoint.point_id == Point.id, RoundPoint.round_id == round_.id))
    found = rows.where(or_(own, Point.edition_id == newest))
    return session.scalars(found.order_by(case((own, 0), else_=1), Point.number)).all()


def similar_proposals(session: Session, proposal: Proposal, *, most: int = 5) -> Sequence[Any]:
    """Return public plans of the round that share words with the title of this one, those that share most first."""
    told = dict.fromkeys(fold(proposal.title).split())
    words = [word for word in told if len(word) > 3 and word not in COMMON_WORDS][:12]
    if not words:
        return ()
    shared = sum((case((_contains(word), 1), else_=0) for word in words[1:]), case((_contains(words[0]), 1), else_=0))
    rows = select(Proposal.id, Proposal.number, Proposal.title, Proposal.language, shared.label("shared"))
    public = rows.where(
        Proposal.round_id == proposal.round_id, Proposal.status.in_(PUBLIC_STATUSES), Proposal.id != proposal.id
    )
    least = 1 if len(words) < 3 else 2
    return session.execute(public.where(shared >= least).order_by(shared.desc(), Proposal.number).limit(most)).all()


def listing(
    session: Session, args: Mapping[str, str], *, seed: int, number: int, size: int, round_id: int | None = None
) -> Listing:
    """Return one page of plans as the address `args` asks, in three queries at most, without building entities.

    `round_id` None takes all published rounds. `seed` is the number of the shuffled order.
    """
    wanted = Wanted.from_args(args)
    facets = _facets(session, round_id)
    asked = _statements(wanted, round_id)
    total = session.scalar(asked.total) if wanted.is_narrowed else facets.total
    page = {"size": size, "skipped": (number - 1) * size, **shuffle_keys(seed)}
    rows = [PlanCard(*row) for row in session.connection().execute(asked.cards, page).all()]
    return Listing(rows=rows, number=number, size=size, total=total or 0, wanted=wanted, facets=facets, seed=seed)


class Statements(NamedTuple):
    """What the page of a list asks of the database."""

    total: Select[Any]
    cards: Select[Any]


@lru_cache(maxsize=200)
def _statements(wanted: Wanted, round_id: int | None) -> Statements:
    """Put the statements together once for each choice of filters: that takes longer than running them."""
    where = _filters(wanted, round_id)
    ordered = CARDS.where(*where).order_by(*ORDERS[wanted.order], Proposal.id)
    return Statements(
        total=COUNTED.where(*where),
        cards=ordered.limit(bindparam("size", type_=Integer)).offset(bindparam("skipped", type_=Integer)),
    )


def _facets(session: Session, round_id: int | None) -> Facets:
    """Return what a list can be filtered by, counted over the plans that it shows without a filter; one query."""
    numbers, scenes, buurten = Counter[str | None](), dict[str, str](), dict[str, str]()
    for theme, scene, code, buurt, plans in session.connection().execute(_facet_rows(round_id)).all():
        numbers[theme] += plans
        if theme is not None:  # rounds can each have a theme of this name
            scenes[theme] = min(scene, scenes.get(theme, scene))
        if code is not None:
            buurten[code] = buurt
    themes = [(name, scene, numbers[name]) for name, scene in scenes.items()]
    return Facets(
        themes=tuple(sorted(themes, key=lambda row: (-row[2], row[0]))),
        buurten=tuple(sorted(buurten.items(), key=lambda row: (row[1], row[0]))),
        total=numbers.total(),
    )


@lru_cache(maxsize=200)
def _facet_rows(round_id: int | None) -> Select[Any]:
    """Select how many plans each theme has in each buurt: the plans are gone through once, and then named."""
    groups = GROUPED.where(*_filters(Wanted(), round_id)).subquery()
    return (
        select(Theme.name, Theme.scene, Area.code, Area.name, groups.c.plans)
        .select_from(groups)
        .outerjoin(Theme, Theme.id == groups.c.theme_id)
        .outerjoin(Area, Area.code == groups.c.buurt_code)
    )


def status_counts(session: Session, round_id: int) -> dict[ProposalStatus, int]:
    """Return how many plans of the round have each public status, 0 included."""
    rows = select(Proposal.status, func.count()).where(Proposal.round_id == round_id).group_by(Proposal.status)
    found: dict[ProposalStatus, int] = dict.fromkeys(PUBLIC_STATUSES, 0)
    found.update((row[0], row[1]) for row in session.execute(rows) if row[0] in found)
    return found


def unjudged_plans(session: Session, round_id: int) -> Sequence[Any]:
    """Return (number, title) of the submitted plans of a round without a verdict, by number."""
    rows = select(Proposal.number, Proposal.title).where(Proposal.round_id == round_id)
    return session.execute(rows.where(Proposal.status == ProposalStatus.SUBMITTED).order_by(Proposal.number)).all()


def plans_to_check(round_id: int, statuses: Sequence[ProposalStatus]) -> Select[Proposal]:
    """Return a select of the round's plans with these statuses, by number, with theme and decisions."""
    rows = select(Proposal).where(Proposal.round_id == round_id, Proposal.status.in_(statuses))
    loaded = rows.options(joinedload(Proposal.theme), selectinload(Proposal.decisions))
    return loaded.order_by(Proposal.number)


def _contains(word: str) -> ColumnElement[bool]:
    return Proposal.search.contains(word, autoescape=True)


def _has(term: str) -> ColumnElement[bool]:
    is_number = term.isascii() and term.isdigit() and int(term) <= LARGEST_NUMBER
    return or_(_contains(term), Proposal.number == int(term)) if is_number else _contains(term)


def _filters(wanted: Wanted, round_id: int | None) -> list[ColumnElement[bool]]:
    found = [Proposal.status.in_(STATUSES[wanted.status]), *map(_has, wanted.terms())]
    found.append(Round.published_at.is_not(None) if round_id is None else Proposal.round_id == round_id)
    if wanted.theme:
        found.append(Theme.name == wanted.theme)
    if wanted.buurt:
        found.append(Proposal.buurt_code.is_(None) if wanted.buurt == WHOLE_AREA else _in_buurt(wanted.buurt))
    if wanted.cost:
        least, below = COST_CLASSES[wanted.cost]
        found.append(least <= PRICE if below is None else PRICE.between(least, below - 1))
    return found


def _in_buurt(code: str) -> ColumnElement[bool]:
    return Proposal.buurt_code == code
