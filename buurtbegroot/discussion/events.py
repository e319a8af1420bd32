"""What the log says about a discussion: that somebody said something and what became of it, never the words."""

from dataclasses import dataclass
from typing import ClassVar

from buurtbegroot.audit.events import Event


@dataclass(frozen=True, kw_only=True)
class ContributionEvent(Event):
    """Something happened to a contribution about a plan or a round: `about` is what the log calls that."""

    round: str
    about: str


@dataclass(frozen=True, kw_only=True)
class ContributionWritten(ContributionEvent):
    """Somebody wrote a contribution of a stance, or an answer; `waits` until a moderator has read it."""

    name: ClassVar[str] = "discussion.written"

    stance: str
    waits: bool


@dataclass(frozen=True, kw_only=True)
class ContributionShown(ContributionEvent):
    """A moderator let everyone read a contribution that waited."""

    name: ClassVar[str] = "discussion.shown"


@dataclass(frozen=True, kw_only=True)
class ContributionEdited(ContributionEvent):
    """Whoever wrote a contribution changed it; `waits` until a moderator has read it again."""

    name: ClassVar[str] = "discussion.edited"

    waits: bool


@dataclass(frozen=True, kw_only=True)
class ContributionDeleted(ContributionEvent):
    """Whoever wrote a contribution took its text away."""

    name: ClassVar[str] = "discussion.deleted"


@dataclass(frozen=True, kw_only=True)
class QuestionSettled(ContributionEvent):
    """A question counts as answered, or is open again."""

    name: ClassVar[str] = "discussion.settled"

    answered: bool


@dataclass(frozen=True, kw_only=True)
class ContributionTakenOver(ContributionEvent):
    """A maker took something over in a version of the plan; version None: that was said by mistake."""

    name: ClassVar[str] = "discussion.taken_over"

    version: int | None
