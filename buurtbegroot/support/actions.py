"""Giving support to a plan and taking it back; the log says nothing of either, since who gives it stays secret."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.acts import By, Fault, insist, require
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.proposals.policy import is_author
from buurtbegroot.rooms import Subject, erases
from buurtbegroot.support.models import Support
from buurtbegroot.support.policy import may_support, takes_support

_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


class SupportFault(Fault):
    """Why support is not given or taken back."""

    CLOSED = "closed"
    OWN = "own"


def give_support(session: Session, proposal: Proposal, *, by: User, now: datetime) -> None:
    """Support a plan; twice is once. Raises RefusedError."""
    require(may_support(by, proposal), hidden=True)
    insist(not is_author(by, proposal), SupportFault.OWN)
    insist(takes_support(proposal, now), SupportFault.CLOSED)
    given = _INSERT[session.get_bind().dialect.name](Support).values(proposal_id=proposal.id, user_id=by.id)
    session.execute(given.on_conflict_do_nothing())


def take_back_support(session: Session, proposal: Proposal, *, by: User, now: datetime) -> None:
    """Support a plan no longer; nothing happens when that was so. Raises RefusedError."""
    require(may_support(by, proposal), hidden=True)
    insist(takes_support(proposal, now), SupportFault.CLOSED)
    session.execute(delete(Support).where(Support.proposal_id == proposal.id, Support.user_id == by.id))


def erase_support(session: Session, subject: Subject, *, by: By, now: datetime) -> None:  # noqa: ARG001 - a hook
    """Take back all support of a person."""
    require(erases(by, subject))
    session.execute(delete(Support).where(Support.user_id == subject.user_id))
