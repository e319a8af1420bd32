"""The tables of inhabitants: the last file for the whole city, and for each stadsdeel that has its own."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, true
from sqlalchemy.orm import Mapped, mapped_column

from buurtbegroot.database import Model, Versioned
from buurtbegroot.vouching import Part, Thing, vouch


class PopulationFile(Versioned, Model):
    """A file of inhabitants for a stadsdeel or the city: who counted them, and on which day that was so.

    One that was removed says nothing any more; it stays for its versions, so that nobody acts on one they did not see.
    """

    __tablename__ = "population_file"

    owner_code: Mapped[str] = mapped_column(ForeignKey("area.code"), primary_key=True)
    source: Mapped[str] = mapped_column(String(300))
    counted_on: Mapped[date]
    loaded_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class PopulationRow(Model):
    """A row of a file: how many people and households an area has; NULL is not known."""

    __tablename__ = "population_row"
    __table_args__ = (
        CheckConstraint("inhabitants >= 0 AND households >= 0", name="not_negative"),
        CheckConstraint("inhabitants IS NOT NULL OR households IS NOT NULL", name="says_something"),
    )

    owner_code: Mapped[str] = mapped_column(ForeignKey("population_file.owner_code"), primary_key=True)
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"), primary_key=True)
    inhabitants: Mapped[int | None]
    households: Mapped[int | None]


vouch(
    Model.metadata,
    Thing(kind="population", name=PopulationFile.owner_code, id=PopulationFile.owner_code, public=true()),
    Part(kind="population", table=PopulationFile.__table__, key="owner_code", without=("version",)),
    Part(kind="population", table=PopulationRow.__table__, key="owner_code"),
)
