"""How the log tells what happened to the accord."""

from buurtbegroot.akkoord.events import AccordLoaded, FigureRecorded, PlanChanged, StatusRecorded
from buurtbegroot.rooms import EventWords
from buurtbegroot.texts import gettext as _
from buurtbegroot.texts import lazy_gettext as _l

EVENT_WORDS: EventWords = {
    AccordLoaded: _l("Het akkoord %(edition)s is ingelezen."),
    PlanChanged: _l("Het plan bij een akkoordpunt is bijgewerkt."),
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
