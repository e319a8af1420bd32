"""What differs between two versions of a plan, told in short."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from buurtbegroot.proposals.words import PART_NAMES, Chip
from buurtbegroot.revisions.domain.plans import COSTS, STORY, CostRow, Difference, State
from buurtbegroot.texts import eur, ngettext, short_date
from buurtbegroot.texts import gettext as _
from buurtbegroot.texts import lazy_gettext as _l

STATES = {
    State.NEW: Chip(_l("Nieuw"), "plus", "ok"),
    State.CHANGED: Chip(_l("Veranderd"), "pencil", "info"),
    State.GONE: Chip(_l("Weg"), "minus", "no"),
    State.SAME: Chip(_l("Hetzelfde"), "equal", "line"),
}


class InShort(NamedTuple):
    """A line of what changed: an icon, what it is about, and what happened to that."""

    icon: str
    about: str
    told: str


def in_short(found: Difference) -> list[InShort]:
    """Return what changed in a few lines, and last what did not."""
    told = []
    if STORY in found.changed:
        told.append(InShort("file-text", _("Uitleg:"), _story(found)))
    if COSTS in found.changed:
        told.append(InShort("coin-euro", _("Kosten:"), _costs(found)))
    others = [name for name in found.changed if name not in {STORY, COSTS}]
    if others:
        told.append(InShort("pencil", _("Veranderd:"), f"{names_of(others)}."))
    if found.same:
        told.append(InShort("equal", _("Hetzelfde:"), f"{names_of(found.same)}."))
    return told


def names_of(parts: Iterable[str]) -> str:
    """Return what parts of a plan are called, one after the other: 'naam, plek en thema'."""
    *first, last = (str(PART_NAMES[name]) for name in parts)
    return _("%(several)s en %(last)s", several=", ".join(first), last=last) if first else last


def short_day(moment: datetime) -> str:
    """Write a day in few letters: '23 december 2026'."""
    return short_date(moment, "d MMMM y")


def more_or_less(cents: int) -> str:
    """Write a difference in money with its sign: '+ € 10', '− € 10' or '€ 0'."""
    sign = "+ " if cents > 0 else "\u2212 " if cents < 0 else ""
    return sign + eur(abs(cents))


def amounts(row: CostRow) -> tuple[str, str]:
    """Return what a line costs in both versions, or that it was not there."""
    before = eur(row.before.cents) if row.before else _("stond er niet")
    return before, eur(row.after.cents) if row.after else _("staat er niet meer")


def _story(found: Difference) -> str:
    if not found.rewritten:
        return _("alleen de opmaak veranderde.")
    changed, same = found.rewritten, len(found.story) - found.rewritten
    told = ngettext("%(num)s stuk veranderd", "%(num)s stukken veranderd", changed)
    return f"{told}, {ngettext('%(num)s stuk hetzelfde', '%(num)s stukken hetzelfde', same)}."


def _costs(found: Difference) -> str:
    before, after = found.sums
    if before == after:
        return _("samen evenveel, %(sum)s. De regels zijn anders.", sum=eur(after))
    if after > before:
        return _("%(more)s hoger. Samen nu %(sum)s.", more=eur(after - before), sum=eur(after))
    return _("%(less)s lager. Samen nu %(sum)s.", less=eur(before - after), sum=eur(after))
