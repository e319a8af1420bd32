"""When a case is late and how long an appeal is open, and what a maker reads; no database and no Flask."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from buurtbegroot.timezone import AMSTERDAM

ANSWER_TIME = timedelta(days=7)
"""How long a maker has to change what a moderator asked for; then the moderator looks again."""
KEPT_SETTLED = timedelta(days=30)
"""How long a settled report keeps its words and who it came from."""
APPEAL_DAYS = 14
JUDGING_TIME = timedelta(days=7)
"""How long a judgement on an appeal may take: five working days."""
SATURDAY = 5
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Act(StrEnum):
    """What a moderator does with words."""

    KEEP = "laten"
    ASK = "vraag"
    HIDE = "verberg"
    SHOW = "tonen"


def last_day_of_appeal(hidden_at: datetime) -> date:
    """Return the last day, in Amsterdam, on which the maker can appeal."""
    return hidden_at.astimezone(AMSTERDAM).date() + timedelta(days=APPEAL_DAYS)


def late_before(now: datetime) -> datetime:
    """Return up to when a text must have been reported to be late: more than one working day ago.

    What is reported in a weekend counts as reported when the week begins.
    """
    local = now.astimezone(AMSTERDAM)
    if local.weekday() >= SATURDAY:
        friday = local.date() - timedelta(days=local.weekday() - SATURDAY + 1)
        return datetime.combine(friday, time(), AMSTERDAM)
    return local - timedelta(days=1 if local.weekday() else 3)


def key_of(since: datetime, last: int) -> str:
    """Return what an address says to begin after the case of this moment and number."""
    return f"{(since - EPOCH) // timedelta(microseconds=1)}-{last}"


def key_in(text: str) -> tuple[datetime, int] | None:
    """Read such a key; None when it is none."""
    moment, _, last = text.partition("-")
    if not all(part.isascii() and part.isdigit() and len(part) < 18 for part in (moment, last)):
        return None
    return EPOCH + timedelta(microseconds=int(moment)), int(last)


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A mail that goes out: its template and what fills the gaps."""

    template: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class About:
    """The thing that a letter is about, and where its maker finds it and can appeal.

    `noun` is that of its room, `number` that of its plan, 0 for none: a letter never holds words of the thing itself.
    """

    noun: str
    number: int
    round: str
    path: str
    appeal: str

    @property
    def told(self) -> dict[str, Any]:
        """What a letter needs to speak of it."""
        return {"noun": self.noun, "number": self.number, "round": self.round, "path": self.path}


def letter_to_maker(act: Act, about: About, *, reason: str, explained: str, now: datetime) -> Letter | None:
    """Return what the makers read of an act; nothing where the words stay as they are."""
    if act is Act.KEEP:
        return None
    told = {**about.told, "reason": reason, "explained": explained}
    if act is Act.HIDE:
        told |= {"appeal": about.appeal, "last_day": last_day_of_appeal(now).isoformat()}
    names = {Act.ASK: "moderation_asked", Act.HIDE: "moderation_hidden", Act.SHOW: "moderation_shown"}
    return Letter(template=names[act], values=told)


def judgement_letter(about: About, *, shown: bool, reason: str, explained: str) -> Letter:
    """Return what the maker reads of the judgement on an appeal."""
    told = {**about.told, "reason": reason, "explained": explained, "shown": shown}
    return Letter(template="moderation_judged", values=told)


def outcome_letter(outcome: str, about: About | None) -> Letter:
    """Return what somebody reads who reported a thing and left an address; `about` is None when it is gone."""
    told = about.told if about else {"noun": "", "path": ""}
    return Letter(template="moderation_outcome", values=told | {"outcome": outcome})
