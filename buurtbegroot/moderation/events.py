"""What the log says about moderation: that it was done and why, never the words."""

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
    """A moderator showed again what was hidden."""

    name: ClassVar[str] = "moderation.shown"
