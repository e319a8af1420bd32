"""What is counted: tries that failed, and forms that were done; under keys that lead to nobody."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from buurtbegroot.database import Id, Model


class Attempt(Model):
    """One try that counts; `key` is an HMAC under a secret of its day, and the row is gone after a day."""

    __tablename__ = "attempt"
    __table_args__ = (Index("ix_attempt_key_at", "key", "at"), Index("ix_attempt_at", "at"))

    id: Mapped[Id]
    key: Mapped[bytes] = mapped_column(LargeBinary(32))
    at: Mapped[datetime]


class SentForm(Model):
    """A form that was done, by the hash of what was sent with its token, and the path that it led to ("": a file)."""

    __tablename__ = "sent_form"
    __table_args__ = (Index("ix_sent_form_expires_at", "expires_at"),)

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    path: Mapped[str] = mapped_column(String(500))
    expires_at: Mapped[datetime]
