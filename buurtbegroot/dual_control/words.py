"""Why an act that needs two people is refused, and what changed since it was asked for, in the reader's language."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from buurtbegroot.dual_control.actions import DualFault
from buurtbegroot.dual_control.domain import Difference
from buurtbegroot.dual_control.events import Confirmed, Expired, Lapsed, Requested, Withdrawn
from buurtbegroot.dual_control.policy import declared_acts
from buurtbegroot.rooms import EventWords, FaultWords, Payload
from buurtbegroot.texts import Text, eur, long_datetime
from buurtbegroot.texts import gettext as _
from buurtbegroot.texts import lazy_gettext as _l

REFUSALS: FaultWords = {
    DualFault.NOT_NOW: _l("Dit kan nu niet. Kijk op deze pagina wat er eerst moet gebeuren."),
    DualFault.NOT_REQUESTED: _l("Niemand vroeg dit aan, of de aanvraag is ingetrokken."),
    DualFault.ALREADY_REQUESTED: _l("Dit is al aangevraagd. Een andere organisator kan het bevestigen."),
    DualFault.ALREADY_CONFIRMED: _l("Dit is al gedaan."),
    DualFault.SAME_PERSON: _l("U heeft dit zelf aangevraagd. Een andere organisator moet het bevestigen."),
    DualFault.NOT_INDEPENDENT: _l(
        "Een van u gaf de ander deze taak. Laat iemand bevestigen die de taak van een ander kreeg."
    ),
    DualFault.CHANGED: _l("Na de aanvraag is er iets veranderd. Daarom is de aanvraag vervallen."),
    DualFault.NOT_SEEN: _l("Op uw pagina stond iets anders dan er nu staat. Er is niets bevestigd. Kijk het na."),
}


class ChangedRow(NamedTuple):
    """What changed, as it was at the request and as it is now, and the object under which the log knows of it."""

    what: str
    old: str
    new: str
    object: str


class Wording(NamedTuple):
    """How the parts of a record are said: `labels` by field, `values` for fields that are neither text nor number.

    A field of the items in a list is `list.field`; `items` names an item of a list by its id, `objects` its object.
    """

    labels: Mapping[str, Text]
    values: Mapping[str, Callable[[Any], str]] = {}
    items: Mapping[str, Callable[[str], str]] = {}
    objects: Mapping[str, str] = {}


MOMENTS = frozenset({"begins", "ends", "certified"})


def changed_rows(found: Iterable[Difference], wording: Wording, *, object_: str) -> list[ChangedRow]:
    """Return what changed as rows; `object_` is the thing that the request is about."""
    return [_row(each, wording, object_) for each in found]


def _row(found: Difference, wording: Wording, object_: str) -> ChangedRow:
    part, *inner = found.path
    field = f"{part}.{inner[1]}" if len(inner) > 1 else part
    label, item = str(wording.labels[field]), wording.items.get(part)
    what = f"{item(inner[0])}: {label[:1].lower()}{label[1:]}" if item and inner else label
    kind = wording.objects.get(part)
    say = wording.values.get(field, lambda value: said(field.rpartition(".")[2], value))
    return ChangedRow(what, say(found.old), say(found.new), f"{kind}:{inner[0]}" if kind and inner else object_)


def said(field: str, value: Any) -> str:
    """Say a value of a record: money by the name of its field, moments, yes and no, lists, and what is not there."""
    if value in (None, "", []):
        return "–"
    if isinstance(value, bool):
        return _("ja") if value else _("nee")
    if isinstance(value, dict):
        return str(value.get("title") or value.get("name") or value.get("role") or "")
    if isinstance(value, list):
        return ", ".join(said(field, each) for each in value)
    if field.endswith("cents"):
        return eur(value)
    return long_datetime(datetime.fromisoformat(value)) if field in MOMENTS else str(value)


def to_do(act: str) -> str:
    """Say what was asked, after "vroeg om"; the bare name of an act that no room declares any more."""
    found = declared_acts().get(act)
    return str(found.to_do) if found else act


def act_title(act: str, subject: str) -> str:
    """Say what has to be done with what, as a heading."""
    found = declared_acts().get(act)
    return found.title % {"subject": subject} if found else act


def _lapsed(p: Payload) -> str:
    if p["cause"]:
        return _(
            "De vraag om %(act)s is vervallen door wat in regel %(seq)s veranderde.",
            act=to_do(p["act"]),
            seq=p["cause"],
        )
    return _("De vraag om %(act)s is vervallen, want er was iets veranderd.", act=to_do(p["act"]))


EVENT_WORDS: EventWords = {
    Requested: lambda p: _("Een organisator vroeg een tweede persoon om %(act)s.", act=to_do(p["act"])),
    Withdrawn: lambda p: _("De vraag om %(act)s is ingetrokken.", act=to_do(p["act"])),
    Confirmed: lambda p: _("Een tweede persoon keurde goed om %(act)s.", act=to_do(p["act"])),
    Lapsed: _lapsed,
    Expired: lambda p: _("De vraag om %(act)s is vervallen: niemand bevestigde op tijd.", act=to_do(p["act"])),
}
