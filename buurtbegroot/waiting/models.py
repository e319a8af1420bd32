"""The tables of what waits: forms, and the links that were mailed for them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from buurtbegroot.database import Model
from buurtbegroot.waiting.domain import Told, told_from


class WaitingForm(Model):
    """A form that a visitor sent to `path`, for who reads the mail of one address, and for a week.

    `key` is known to the browser that sent it; `once` is the token of its page, by which it is done once; `content` is
    a hash of path and fields; `told` is what pages say of it (see `Told`).
    """

    __tablename__ = "waiting_form"
    __table_args__ = (Index("ix_waiting_form_email", "email"), Index("ix_waiting_form_expires_at", "expires_at"))

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(8))
    path: Mapped[str] = mapped_column(String(500))
    fields: Mapped[list[list[str]]] = mapped_column(JSON)
    once: Mapped[str] = mapped_column(String(64))
    told: Mapped[dict[str, Any]] = mapped_column(JSON)
    content: Mapped[str] = mapped_column(String(64))
    mailed_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    @property
    def words(self) -> Told:
        """What pages and mail say of it."""
        return told_from(self.told)


class WaitingLink(Model):
    """A link that was mailed for a form: only its hash, for a day."""

    __tablename__ = "waiting_link"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    form_key: Mapped[str] = mapped_column(ForeignKey("waiting_form.key"), index=True)
    expires_at: Mapped[datetime]
