"""What waits and for how long; nothing is stored here."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

LINK_WORKS = timedelta(days=1)
FORM_WAITS = timedelta(days=7)
MAIL_AGAIN = timedelta(minutes=2)  # until the same address can be mailed again from the page that says so
MOST_WAITING = 20  # for one address: as many links as a mailbox gets in a day, so that none goes whose link works
MOST_CHARACTERS = 100_000  # ten times the longest plan


@dataclass(frozen=True, kw_only=True)
class Told:
    """What pages and mail say of something that waits, in the language in which it was written.

    `what` is what it is called ("uw plan"), `act` the words on the button that does it ("Bewaar mijn plan"), `back` the
    path of the page that it belongs to, `page` that of its form. `lines` are its fields as (label, text, language of
    the text); `language` is that of what was typed, "" when nobody knows.
    """

    what: str
    act: str
    back: str
    page: str = ""
    language: str = ""
    lines: Sequence[Sequence[str]] = ()

    def plain(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return asdict(self)


def told_from(plain: Mapping[str, Any]) -> Told:
    """Read what `plain` gave."""
    return Told(**plain)


@dataclass(frozen=True, kw_only=True)
class Written:
    """A form that was sent to a path of this site: its fields as (name, value), without address and tokens of pages."""

    path: str
    fields: Sequence[Sequence[str]] = field(repr=False)
    told: Told = field(repr=False)
    once: str = field(repr=False)

    @property
    def characters(self) -> int:
        """How much it is."""
        return sum(len(name) + len(value) for name, value in self.fields)

    @property
    def content(self) -> str:
        """See `content_of`."""
        return content_of(self.path, self.fields)


def content_of(path: str, fields: Sequence[Sequence[str]]) -> str:
    """Return a hash that two forms share in which the same was written for the same page."""
    return hashlib.sha256(json.dumps([path, fields]).encode()).hexdigest()
