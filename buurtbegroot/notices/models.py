"""The table of notices: how far the makers of the plans of a round have been told of something that happened to it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from buurtbegroot.database import Model


class Kind(StrEnum):
    """What makers are told of.

    BALLOT: the vote was opened with their plan. OUTCOME: the result is certified. UNJUDGED: the time to check plans
    ended without a decision on theirs. NOT_HELD: the time to vote ended, and the vote was never opened.
    """

    BALLOT = "ballot"
    OUTCOME = "outcome"
    UNJUDGED = "unjudged"
    NOT_HELD = "not_held"


class Notice(Model):
    """Something that happened to a round at one moment, and how far the makers of its plans were told.

    They are told in the order of the ids of the plans: all up to and including `last_plan` were, 0 for none. `done_at`
    is when nobody was left, None before that. It is written in the transaction that puts their mail in the outbox.
    """

    __tablename__ = "notice"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    kind: Mapped[Kind] = mapped_column(primary_key=True)
    moment: Mapped[datetime] = mapped_column(primary_key=True)
    last_plan: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
