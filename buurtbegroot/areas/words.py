"""How the log tells that areas changed."""

from buurtbegroot.areas.events import AreasLoaded
from buurtbegroot.rooms import EventWords
from buurtbegroot.texts import gettext as _
from buurtbegroot.texts import number

EVENT_WORDS: EventWords = {
    AreasLoaded: lambda p: _(
        "De gebieden zijn ingelezen: %(added)s nieuw, %(changed)s veranderd, %(vanished)s vervallen.",
        added=number(p["added"]),
        changed=number(p["changed"]),
        vanished=number(p["vanished"]),
    ),
}
