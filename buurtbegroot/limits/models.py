"""The table of tries: when somebody failed, or made an account, under a key that leads to nobody."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from buurtbegroot.database import Id, Model


class Attempt(Model):
    """One try that counts; `key` is an HMAC under a secret of its day, and the row is gone after a day."""

    __tablename__ = "attempt"
    __table_args__ = (Index("ix_attempt_key_at", "key", "at"), Index("ix_attempt_at", "at"))

    id: Mapped[Id]
    key: Mapped[bytes] = mapped_column(LargeBinary(32))
    at: Mapped[datetime]
