"""How much support plans have; who gave it is told to that person only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BindParameter, ColumnElement, ScalarSelect, and_, bindparam, case, exists, func, or_, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.acts import By
from buurtbegroot.core.standing import PLAN_PHASES
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.proposals.policy import is_author
from buurtbegroot.rooms import Subject
from buurtbegroot.rounds.models import PhaseWindow, Round
from buurtbegroot.rounds.queries import standing_of
from buurtbegroot.support.models import Support
from buurtbegroot.support.policy import takes_support


@dataclass(frozen=True, kw_only=True)
class PlanSupport:
    """What the page of a plan shows: `number` is None as long as the round keeps it secret, `needed` without a goal."""

    number: int | None
    needed: int | None
    is_given: bool
    is_own: bool
    is_visitor: bool
    is_open: bool
    known_at: datetime | None

    @property
    def is_told(self) -> bool:
        """Whether there is anything to say: a plan of another time, without support, says nothing."""
        return self.is_open or bool(self.number) or self.known_at is not None

    @property
    def missing(self) -> int | None:
        """How much is still needed, 0 once there is enough; None when that is unknown or nothing is needed."""
        return None if self.number is None or self.needed is None else max(0, self.needed - self.number)


def plan_support(session: Session, proposal: Proposal, *, by: By, now: datetime) -> PlanSupport:
    """Return the support for one plan, as `by` sees it; one query."""
    own = by.id if isinstance(by, User) else 0
    given = func.max(case((Support.user_id == own, 1), else_=0))
    number, is_given = session.execute(select(func.count(), given).where(Support.proposal_id == proposal.id)).one()
    round_ = proposal.round
    known_at = max((window.ends_at for window in round_.windows if window.phase in PLAN_PHASES), default=None)
    is_secret = round_.support_secret and standing_of(round_, now).plans_go_on
    return PlanSupport(
        number=None if is_secret else number,
        needed=round_.support_needed,
        is_given=bool(is_given),
        is_own=is_author(by, proposal),
        is_visitor=not isinstance(by, User),
        is_open=takes_support(proposal, now),
        known_at=known_at if is_secret else None,
    )


def support_of(session: Session, plans: Iterable[int], now: datetime) -> Mapping[int, int]:
    """Return how much support each of these plans has; without any, secret, or on a ballot, a plan is left out."""
    counted = (
        select(Support.proposal_id, func.count())
        .join(Proposal, Proposal.id == Support.proposal_id)
        .join(Round, Round.id == Proposal.round_id)
        .where(Support.proposal_id.in_(list(plans)), is_public(now), Round.opened_at.is_(None))
        .group_by(Support.proposal_id)
    )
    return {row[0]: row[1] for row in session.execute(counted)}


def is_public(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """Say in SQL that everybody may see how much support the plans of a round have, as `plan_support` does."""
    asks = and_(PhaseWindow.round_id == Round.id, PhaseWindow.phase.in_(PLAN_PHASES), PhaseWindow.ends_at > now)
    return or_(Round.support_secret.is_(False), ~exists().where(asks))


def counted_support(now: datetime | BindParameter[datetime]) -> ScalarSelect[int | None]:
    """Select the support of the plan of a row, NULL as long as it is secret; goes with `Proposal` and `Round`."""
    own = select(func.count()).select_from(Support).where(Support.proposal_id == Proposal.id).correlate(Proposal)
    return select(case((is_public(now), own.scalar_subquery()))).correlate(Proposal, Round).scalar_subquery()


def own_support(session: Session, subject: Subject) -> object:
    """Return the plans that a person supports."""
    rows = (
        select(Round.slug, Proposal.number, Proposal.title)
        .join(Support, Support.proposal_id == Proposal.id)
        .join(Round, Round.id == Proposal.round_id)
        .where(Support.user_id == bindparam("user"))
        .order_by(Proposal.id)
    )
    found = session.execute(rows, {"user": subject.user_id})
    return [{"round": slug, "number": number, "title": title} for slug, number, title in found]
