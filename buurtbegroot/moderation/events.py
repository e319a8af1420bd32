"""What the log says about moderation: that it was done and why, never the words, and never who reported them."""

from dataclasses import dataclass
from typing import ClassVar

from buurtbegroot.audit.events import Event


@dataclass(frozen=True, kw_only=True)
class WordsHidden(Event):
    """A moderator hid words and pictures, for a reason of the list; the title too, or not."""

    name: ClassVar[str] = "moderation.hidden"

    reason: str
    title_too: bool


@dataclass(frozen=True, kw_only=True)
class WordsShown(Event):
    """A moderator showed again what was hidden, for a ground of the list."""

    name: ClassVar[str] = "moderation.shown"

    reason: str


@dataclass(frozen=True, kw_only=True)
class WordsKept(Event):
    """A moderator looked at what was reported and left it, for a ground of the list."""

    name: ClassVar[str] = "moderation.kept"

    reason: str


@dataclass(frozen=True, kw_only=True)
class AppealMade(Event):
    """The maker of what was hidden asked that somebody else looks at it."""

    name: ClassVar[str] = "moderation.appealed"


@dataclass(frozen=True, kw_only=True)
class AppealHandedOn(Event):
    """A moderator left an appeal to a colleague."""

    name: ClassVar[str] = "moderation.appeal_handed_on"


@dataclass(frozen=True, kw_only=True)
class AppealJudged(Event):
    """Another moderator than who hid something judged the appeal: it shows again or not, for a reason of the list."""

    name: ClassVar[str] = "moderation.appeal_judged"

    shown: bool
    reason: str


@dataclass(frozen=True, kw_only=True)
class ChangeAsked(Event):
    """A moderator asked the maker to change something, for a reason of the list."""

    name: ClassVar[str] = "moderation.change_asked"

    reason: str
