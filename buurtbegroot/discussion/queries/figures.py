"""How much is said: the figures of discussions, one by one, in lists of plans and in files; nothing here writes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from buurtbegroot.discussion.models.threads import Stance, Thread
from buurtbegroot.proposals.models import Proposal

FIGURES = ("in_favour", "against", "questions", "open_questions", "ideas", "answers", "people")
TOTAL = Thread.in_favour + Thread.against + Thread.questions + Thread.ideas


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What everyone can read of a discussion: contributions per stance, answers, and how many people wrote them."""

    in_favour: int = 0
    against: int = 0
    questions: int = 0
    open_questions: int = 0
    ideas: int = 0
    answers: int = 0
    people: int = 0

    @property
    def total(self) -> int:
        """All contributions but answers."""
        return self.in_favour + self.against + self.questions + self.ideas

    def of(self, stance: Stance) -> int:
        """Return how many contributions take a stance."""
        by_stance = {Stance.FOR: self.in_favour, Stance.AGAINST: self.against}
        return (by_stance | {Stance.QUESTION: self.questions, Stance.IDEA: self.ideas})[stance]


def figures_of_round(session: Session, round_id: int) -> Figures:
    """Return the figures of the discussion of a round as a whole; one query."""
    row = select(*(getattr(Thread, name) for name in FIGURES))
    found = session.execute(row.where(Thread.round_id == round_id, Thread.proposal_id.is_(None))).first()
    return Figures(**found._mapping) if found else Figures()


def contributions_of(session: Session, plans: Iterable[int]) -> Mapping[int, int]:
    """Return how many contributions each of these plans has; one that has none is left out."""
    rows = select(Thread.proposal_id, TOTAL).where(Thread.proposal_id.in_(list(plans)), TOTAL > 0)
    return {plan: number for plan, number in session.execute(rows) if plan is not None}


def counted_contributions() -> ScalarSelect[Any]:
    """Select how many contributions the plan of a row has; goes with `Proposal`."""
    own = select(TOTAL).where(Thread.proposal_id == Proposal.id).correlate(Proposal).scalar_subquery()
    return select(func.coalesce(own, 0)).correlate(Proposal).scalar_subquery()
