"""What makes the words of a table ones that can be hidden: the one place through which all of them are read."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, case, literal
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from buurtbegroot.accounts.models import User
from buurtbegroot.areas.models import Area
from buurtbegroot.database import Versioned


class Reason(StrEnum):
    """Why words are hidden."""

    PERSONAL = "gegevens"
    ABUSE = "schelden"
    HATE = "haat"
    POSING = "nep"
    ADVERTISING = "reclame"
    OTHER = "anders"


class Hideable(Versioned):
    """A public thing whose words and pictures a moderator can hide: since when, why, and whether its title is too.

    Its columns with words are mapped under another name, `stored_…`, and read through `hiding`: by whoever has the
    thing and by every statement. Only its maker, and who moderates, are shown what is stored.
    """

    hidden_at: Mapped[datetime | None]
    hidden_because: Mapped[Reason | None]
    hides_title: Mapped[bool] = mapped_column(default=False)

    @property
    def key(self) -> str:
        """What the log calls it."""
        raise NotImplementedError

    @property
    def called(self) -> str:
        """What everyone may call it, also when its title is hidden."""
        raise NotImplementedError

    @property
    def path(self) -> str:
        """Where everyone finds it on the site."""
        raise NotImplementedError

    @property
    def area(self) -> Area:
        """Where it belongs: whoever moderates there may hide it."""
        raise NotImplementedError

    @property
    def makers(self) -> Sequence[User]:
        """Who made it, as far as they still have an account."""
        raise NotImplementedError

    @property
    def accord(self) -> Sequence[int]:
        """The numbers of the accord points that it is about."""
        raise NotImplementedError

    @property
    def hidden_words(self) -> Sequence[str]:
        """All words that are stored of it, the title first, for whoever moderates."""
        raise NotImplementedError

    def follow(self) -> None:
        """Make anew what was made of the words that everyone may read, after they were hidden or shown again."""


HIDING = ("hidden_at", "hidden_because", "hides_title")
"""The columns that say what is hidden."""


def hiding(stored: str) -> "hybrid_property[str]":
    """Return the property through which words are read that are stored as `stored`: nothing while they are hidden."""

    def read(self: Any) -> str:
        return "" if self.hidden_at else getattr(self, stored)

    def write(self: Any, value: str) -> None:
        setattr(self, stored, value)

    def expression(kind: Any) -> ColumnElement[str]:
        return case((kind.hidden_at.is_(None), getattr(kind, stored)), else_=literal(""))

    read.__name__ = stored.removeprefix("stored_")  # as which rows of a statement know it
    return hybrid_property(read, fset=write, expr=expression)
