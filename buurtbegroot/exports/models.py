"""The table of long files."""

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from buurtbegroot.database import Id, Model

KEPT = timedelta(days=7)
LONGEST = 4_000
"""How many characters the address of a choice has."""


class Export(Model):
    """One file of a data set that somebody asked for; `token` names it on the disk and in its address.

    `url` is where the newest of the same choice is. `rows` are all rows, `done` those that are read by now; `made_at`,
    `size` in bytes and `seq`, the last entry of the log that the file knows of, are there once the file is whole.
    """

    __tablename__ = "export"
    __table_args__ = (Index("ix_export_asked_at", "asked_at"),)

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    token: Mapped[str] = mapped_column(String(43), unique=True)
    data_set: Mapped[str] = mapped_column(String(40))
    ending: Mapped[str] = mapped_column(String(40))
    url: Mapped[str] = mapped_column(String(LONGEST))
    language: Mapped[str] = mapped_column(String(10))
    rows: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime]
    made_at: Mapped[datetime | None]
    size: Mapped[int | None]
    seq: Mapped[int | None] = mapped_column(BigInteger)

    @property
    def filename(self) -> str:
        """What the file is called."""
        return f"{self.data_set}{self.ending}"

    @property
    def expires_at(self) -> datetime:
        """When it is thrown away."""
        return self.asked_at + KEPT
