"""The table of acts by two people: who asked for what, as it was shown, and how the request ended."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from buurtbegroot.database import Id, Model
from buurtbegroot.dual_control import triggers
from buurtbegroot.guards import attach_guards


class State(StrEnum):
    """How a request stands; only an open one can be confirmed, and none is ever opened again."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"  # what it is about changed, or its asker may not ask any more
    EXPIRED = "expired"  # nobody confirmed it while it could be done


class DualRequest(Model):
    """One person asks for an act on an object (`kind:id`); another one's consent, a change or time ends it.

    `shown` is the record that the second person is shown and `fingerprint` its hash. `entry` is the line of the log
    that told of the request, `until` the moment before which the act should be done, if any. Nobody ended
    what lapsed or expired; where it lapsed, the log says which entry changed what it was about.
    """

    __tablename__ = "dual_request"
    __table_args__ = (
        Index(
            "uq_dual_request_act_object_open",
            "act",
            "object",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_dual_request_object", "object", "act"),
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended_has_moment"),
        CheckConstraint("(state IN ('confirmed', 'withdrawn')) = (ended_by_id IS NOT NULL)", name="ended_by_somebody"),
        CheckConstraint("state <> 'confirmed' OR ended_by_id <> requested_by_id", name="two_people"),
    )

    id: Mapped[Id]
    act: Mapped[str] = mapped_column(String(40))
    object: Mapped[str] = mapped_column(String(100))
    fingerprint: Mapped[str] = mapped_column(String(64))
    shown: Mapped[dict[str, Any]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(String(300), default="")
    until: Mapped[datetime | None]
    requested_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    requested_at: Mapped[datetime]
    entry: Mapped[int | None] = mapped_column(ForeignKey("audit_entry.seq"))
    state: Mapped[State] = mapped_column(default=State.OPEN)
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    ended_at: Mapped[datetime | None]
    ended_reason: Mapped[str] = mapped_column(String(300), default="")


attach_guards(Model.metadata, triggers.GUARDS)
