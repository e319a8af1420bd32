"""How refusals about the accord are said, and how the log tells what happened to it."""

from buurtbegroot.akkoord.actions import AccordFault
from buurtbegroot.akkoord.events import AccordLoaded, FigureRecorded, PlanChanged, StatusRecorded
from buurtbegroot.akkoord.models import Standing
from buurtbegroot.rooms import EventWords, FaultWords
from buurtbegroot.texts import gettext as _
from buurtbegroot.texts import lazy_gettext as _l

STANDINGS = {
    Standing.NOT_STARTED: _l("Nog niet begonnen"),
    Standing.WORKING_OUT: _l("Wordt uitgewerkt"),
    Standing.UNDER_WAY: _l("In uitvoering"),
    Standing.DONE: _l("Klaar"),
    Standing.STOPPED: _l("Gestopt"),
}

_FIELDS = {
    "how": _l("hoe"),
    "what": _l("wat"),
    "when": _l("wanneer"),
    "where": _l("waar"),
    "with_whom": _l("met wie"),
}
EVENT_WORDS: EventWords = {
    AccordLoaded: _l("Het akkoord %(edition)s is ingelezen."),
    PlanChanged: lambda p: _(
        "Het plan bij een akkoordpunt is bijgewerkt: %(names)s.",
        names=", ".join(str(_FIELDS[name]) for name in p["changes"] if name in _FIELDS),
    ),
    StatusRecorded: lambda p: _(
        "De stand van een akkoordpunt op %(day)s is vastgelegd. Bron: %(source)s",
        day=p["happened_on"],
        source=p["source"],
    ),
    FigureRecorded: lambda p: _(
        "Een cijfer bij een akkoordpunt van %(day)s is vastgelegd. Bron: %(source)s",
        day=p["measured_on"],
        source=p["source"],
    ),
}
REFUSALS: FaultWords = {
    AccordFault.NO_TARGET: _l("Punt %(point)s heeft geen getal als doel. Er is dus niets om te meten."),
}
