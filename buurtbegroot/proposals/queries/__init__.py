"""Reading plans: the ballot of a round, lists and single plans; nothing here writes."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import Session, contains_eager, defer, joinedload, selectinload

from buurtbegroot.accounts.models import User
from buurtbegroot.akkoord.models import Edition, Point
from buurtbegroot.areas.domain.folding import fold
from buurtbegroot.areas.models import Area
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import Ruleset
from buurtbegroot.proposals.domain.drafts import LINE_PARTS, TEXTS, Content, Draft, DraftLine
from buurtbegroot.proposals.models import PUBLIC_STATUSES, CostLine, Proposal, ProposalStatus
from buurtbegroot.rounds.models import Round, RoundArea, RoundPoint, Theme
from buurtbegroot.rounds.queries import area_key, hold_round, rules_or_none, theme_key
from buurtbegroot.rules.domain.alternatives import Named

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
    """Return the codes of the buurten that plans of the round are for, whatever became of those: they stay in it."""
    rows = select(Proposal.buurt_code).where(Proposal.round_id == round_id)
    return set(session.scalars(rows.where(Proposal.buurt_code.is_not(None)).distinct()))


def fits_held_round(session: Session, round_id: int, draft: Draft) -> bool:
    """Hold a round, and tell whether buurt and theme of a draft are still its own; they stay so in this transaction."""
    hold_round(session, round_id)
    buurten = select(RoundArea.area_code).where(RoundArea.round_id == round_id)
    themes = select(Theme.id).where(Theme.round_id == round_id)
    return (draft.buurt is None or draft.buurt.code in session.scalars(buurten).all()) and (
        draft.theme is None or draft.theme.id in session.scalars(themes).all()
    )


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
    """Return those of these plans that everyone may read, with their cost lines and makers; two queries."""
    rows = WHOLE.where(Proposal.id.in_(numbers), Proposal.status.in_(PUBLIC_STATUSES), Round.published_at.is_not(None))
    wanted = joinedload(Proposal.author).lazyload(User.grants), selectinload(Proposal.lines)
    return session.scalars(rows.options(*wanted)).all()


def proposal_by_number(session: Session, round_id: int, number: int) -> Proposal | None:
    """Return the submitted plan with this number in the round, or None."""
    key = {"round": round_id, "number": number}
    return session.scalar(ONE_BY_NUMBER, key) if number <= LARGEST_NUMBER else None


def proposals_of(session: Session, author_id: int) -> Sequence[Proposal]:
    """Return all plans that a person made, concepts too, the last changed first, with their rounds."""
    return session.scalars(made_by(author_id)).all()


def numbers_of_plans_by(people: Collection[int]) -> Select[int]:
    """Return the SELECT of the numbers of all plans that these people made."""
    return select(Proposal.id).where(Proposal.author_id.in_(people))


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
    shared = sum((case((contains(word), 1), else_=0) for word in words[1:]), case((contains(words[0]), 1), else_=0))
    rows = select(Proposal.id, Proposal.number, Proposal.title, Proposal.language, shared.label("shared"))
    public = rows.where(
        Proposal.round_id == proposal.round_id, Proposal.status.in_(PUBLIC_STATUSES), Proposal.id != proposal.id
    )
    least = 1 if len(words) < 3 else 2
    return session.execute(public.where(shared >= least).order_by(shared.desc(), Proposal.number).limit(most)).all()


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


def contains(word: str) -> ColumnElement[bool]:
    """Whether the words of a plan have this folded word in them."""
    return Proposal.search.contains(word, autoescape=True)
