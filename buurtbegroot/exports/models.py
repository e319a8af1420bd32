"""The table of long files."""

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from buurtbegroot.database import Id, Model

KEPT = timedelta(days=7)


class Export(Model):
    """One file of a data set that somebody asked for; `token` names it on the disk and in its address.

    `url` is where the newest of the same choice is. `rows` are all rows, `done` those that are read by now; `made_at`
    and `size` in bytes are there once the file is whole.
    """

    __tablename__ = "export"
    __table_args__ = (Index("ix_export_asked_at", "asked_at"),)

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    token: Mapped[str] = mapped_column(String(43), unique=True)
    data_set: Mapped[str] = mapped_column(String(40))
    ending: Mapped[str] = mapped_column(String(40))
    url: Mapped[str] = mapped_column(String(4_000))
    language: Mapped[str] = mapped_column(String(10))
    rows: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime]
    made_at: Mapped[datetime | None]
    size: Mapped[int | None]

    @property
    def filename(self) -> str:
        """What the file is called."""
        return f"{self.data_set}{self.ending}"

    @property
    def expires_at(self) -> datetime:
        """When it is thrown away."""
        return self.asked_at + KEPT
