"""The outbox table: what must be mailed, to whom, and how often that was tried."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from buurtbegroot.database import Id, Model


class OutboxMail(Model):
    """One mail: a template with its values and language; rendered when it is sent, deleted some time after."""

    __tablename__ = "outbox_mail"
    __table_args__ = (Index("ix_outbox_mail_next_try_at", "sent_at", "next_try_at"),)

    id: Mapped[Id]
    recipient: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(8))
    template: Mapped[str] = mapped_column(String(80))
    values: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(Text, default="")
