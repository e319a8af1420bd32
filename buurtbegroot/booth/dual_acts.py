"""What two people do together to open a vote, or to take a plan off the open ballot; what the second one is shown."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.dual_acts import ORGANISERS
from buurtbegroot.accounts.queries import coordinators_of
from buurtbegroot.akkoord.models import Point
from buurtbegroot.areas.models import Area
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.plans import Grouping
from buurtbegroot.core.rules import Ruleset, from_json
from buurtbegroot.dual_control.domain import Shown
from buurtbegroot.dual_control.policy import Act, declare
from buurtbegroot.proposals.models import Proposal, ProposalStatus
from buurtbegroot.proposals.queries import plan_key
from buurtbegroot.registry.models import CodePool
from buurtbegroot.registry.queries import code_counts
from buurtbegroot.rounds.dual_acts import RoundAct, declare_round_act
from buurtbegroot.rounds.models import PhaseWindow, Pot, Round, RoundArea, RoundPoint, Theme
from buurtbegroot.rounds.policy import may_manage
from buurtbegroot.rounds.queries import is_time_to_open, lock_round, standing_of, window_of
from buurtbegroot.texts import lazy_gettext as _l


@dataclass(frozen=True, kw_only=True)
class ShownPlan:
    """A submitted plan as the second person sees it; `id` is that of the plan, amounts are cents."""

    id: int
    number: int
    title: str
    language: str
    theme: str
    buurt: str
    status: str
    estimate_cents: int
    cost_cents: int

    @property
    def is_on_ballot(self) -> bool:
        """Whether voters can choose it."""
        return self.status == ProposalStatus.ADMITTED


@dataclass(frozen=True, kw_only=True)
class ShownPot:
    """Money of the round; `id` is its place."""

    id: int
    name: str
    cents: int


@dataclass(frozen=True, kw_only=True)
class ShownPoint:
    """A point of the accord, by its number."""

    id: int
    title: str


@dataclass(frozen=True, kw_only=True)
class Opening(Shown):
    """All that is fixed by opening a vote; moments are ISO texts in UTC, empty without a voting window.

    `area_names` has a name for each area that the rules name by code. Of the codes that may vote, `pool` wait for
    people with an account.
    """

    owner: str
    buurten: tuple[str, ...]
    points: tuple[ShownPoint, ...]
    begins: str
    ends: str
    pots: tuple[ShownPot, ...]
    rules: Ruleset | None
    area_names: Mapping[str, str]
    plans: tuple[ShownPlan, ...]
    codes: int
    pool: int
    spares: int

    @property
    def on_ballot(self) -> list[ShownPlan]:
        """The plans that voters can choose, by number."""
        return [plan for plan in self.plans if plan.is_on_ballot]

    @property
    def off_ballot(self) -> list[ShownPlan]:
        """The submitted plans that voters cannot choose, by number."""
        return [plan for plan in self.plans if not plan.is_on_ballot]

    @property
    def plans_by_id(self) -> dict[int, ShownPlan]:
        """The plans by their ids."""
        return {plan.id: plan for plan in self.plans}

    @property
    def budget_cents(self) -> int:
        """The sum of the pots."""
        return sum(pot.cents for pot in self.pots)

    @property
    def letters(self) -> int:
        """How many codes that may vote went into letters."""
        return self.codes - self.pool


def opening_of(session: Session, round_: Round) -> Opening:
    """Return all that opening the vote of a round would fix, as it is now."""
    head = select(Round.title, Round.rules, Area.name).join(Area, Area.code == Round.owner_code)
    title, rules, owner = session.execute(head.where(Round.id == round_.id)).one()
    ruleset = from_json(rules) if rules else None
    begins, ends = _window(session, round_)
    counts = code_counts(session, round_.id)
    return Opening(
        subject=title,
        owner=owner,
        buurten=_buurten(session, round_),
        points=_points(session, round_),
        begins=begins,
        ends=ends,
        pots=_pots(session, round_),
        rules=ruleset,
        area_names=_area_names(session, ruleset),
        plans=_plans(session, round_),
        codes=counts.active,
        pool=session.scalar(select(CodePool.codes).where(CodePool.round_id == round_.id)) or 0,
        spares=counts.spare,
    )


def _window(session: Session, round_: Round) -> tuple[str, str]:
    rows = select(PhaseWindow.begins_at, PhaseWindow.ends_at)
    found = session.execute(rows.where(PhaseWindow.round_id == round_.id, PhaseWindow.phase == Phase.VOTING)).first()
    return (found[0].isoformat(), found[1].isoformat()) if found else ("", "")


def _buurten(session: Session, round_: Round) -> tuple[str, ...]:
    rows = select(Area.name).join(RoundArea, RoundArea.area_code == Area.code)
    return tuple(session.scalars(rows.where(RoundArea.round_id == round_.id).order_by(Area.name, Area.code)))


def _points(session: Session, round_: Round) -> tuple[ShownPoint, ...]:
    rows = select(Point.number, Point.title).join(RoundPoint, RoundPoint.point_id == Point.id)
    found = session.execute(rows.where(RoundPoint.round_id == round_.id).order_by(Point.number))
    return tuple(ShownPoint(id=number, title=title) for number, title in found)


def _pots(session: Session, round_: Round) -> tuple[ShownPot, ...]:
    rows = select(Pot.position, Pot.name, Pot.cents).where(Pot.round_id == round_.id).order_by(Pot.position)
    return tuple(ShownPot(id=position, name=name, cents=cents) for position, name, cents in session.execute(rows))


def _plans(session: Session, round_: Round) -> tuple[ShownPlan, ...]:
    rows = (
        select(
            Proposal.id,
            Proposal.number,
            Proposal.title,
            Proposal.language,
            Theme.name,
            Area.name,
            Proposal.status,
            Proposal.estimate_cents,
            Proposal.cost_cents,
        )
        .outerjoin(Theme, Theme.id == Proposal.theme_id)
        .outerjoin(Area, Area.code == Proposal.buurt_code)
        .where(Proposal.round_id == round_.id, Proposal.status != ProposalStatus.CONCEPT)
        .order_by(Proposal.number)
    )
    return tuple(_plan(*row) for row in session.execute(rows))


def _plan(*row: Any) -> ShownPlan:
    plan, number, title, language, theme, buurt, status, estimate, cost = row
    return ShownPlan(
        id=plan,
        number=number,
        title=title,
        language=language,
        theme=theme or "",
        buurt=buurt or "",
        status=status.value,
        estimate_cents=estimate,
        cost_cents=cost,
    )


def _area_names(session: Session, rules: Ruleset | None) -> dict[str, str]:
    if rules is None:
        return {}
    codes = {*rules.counting.area_caps, *rules.counting.area_minimums}
    codes |= set(rules.ballot.per_group) if rules.ballot.grouping is Grouping.AREA else set()
    found = session.execute(select(Area.code, Area.name).where(Area.code.in_(codes))) if codes else ()
    return {row[0]: row[1] for row in found}


def _open_before(round_: Round, now: datetime) -> datetime | None:
    """Return when voting begins or, once that is past, when it ends."""
    voting = window_of(round_, Phase.VOTING)
    if voting is None:
        return None
    return voting.begins_at if Phase.VOTING in standing_of(round_, now).coming else voting.ends_at


OPEN = declare_round_act(
    RoundAct.OPEN,
    to_do=_l("de stembus te openen"),
    title=_l("%(subject)s: open de stembus"),
    shown=opening_of,
    is_possible=lambda _session, round_, now: is_time_to_open(round_, now),
    path=lambda round_: f"/werkplek/rondes/{round_.slug}/openen",
    until=_open_before,
)


@dataclass(frozen=True, kw_only=True)
class Withdrawal(Shown):
    """Which plan could no longer win; the cost is in cents. The reason is that of the request."""

    round: str
    number: int
    cost_cents: int


def _withdrawal(session: Session, plan: Proposal) -> Withdrawal:
    rows = select(Proposal.title, Proposal.number, Proposal.cost_cents, Round.title).join(Proposal.round)
    title, number, cost, round_ = session.execute(rows.where(Proposal.id == plan.id)).one()
    return Withdrawal(subject=title, round=round_, number=number, cost_cents=cost)


def _find_plans(session: Session, keys: Collection[str]) -> dict[str, Proposal]:
    numbers = [int(key.removeprefix("proposal:")) for key in keys]
    return {plan_key(plan): plan for plan in session.scalars(select(Proposal).where(Proposal.id.in_(numbers)))}


def _lock_plan(session: Session, plan: Proposal) -> Proposal:
    lock_round(session, plan.round_id)
    return session.get_one(Proposal, plan.id, populate_existing=True)


def is_on_open_ballot(plan: Proposal) -> bool:
    """Tell whether the vote on this plan was opened and its box was not shut since."""
    return plan.status is ProposalStatus.ADMITTED and plan.round.opened_at is not None and plan.round.closed_at is None


WITHDRAW = declare(
    Act[Proposal](
        name="withdraw_plan",
        to_do=_l("een plan van het open stembiljet te halen"),
        title=_l("%(subject)s: haal dit plan van het stembiljet"),
        people_known=ORGANISERS,
        key=plan_key,
        about=lambda plan: {"object": plan_key(plan), "points": plan.accord},
        find=_find_plans,
        lock=_lock_plan,
        shown=_withdrawal,
        is_possible=lambda _session, plan, _now: is_on_open_ballot(plan),
        may_ask=lambda by, plan: may_manage(by, plan.round),
        may_confirm=lambda by, plan: may_manage(by, plan.round),
        people=lambda session, plan: coordinators_of(session, plan.round.owner),
        path=lambda plan: f"/werkplek/rondes/{plan.round.slug}/plannen/{plan.number}/van-het-stembiljet",
    )
)
