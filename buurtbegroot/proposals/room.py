"""What the plans bring to the house."""

from buurtbegroot.proposals import models
from buurtbegroot.proposals.words import EVENT_WORDS
from buurtbegroot.rooms import Link, Menu, Room
from buurtbegroot.texts import lazy_gettext as _l

ROOM = Room(
    name="proposals",
    title=_l("Plannen"),
    models=models,
    blueprints=("buurtbegroot.proposals.views:bp", "buurtbegroot.proposals.organiser_views:bp"),
    events=EVENT_WORDS,
    objects={"proposal": _l("plan")},
    links=(Link(menu=Menu.MAIN, endpoint="proposals.index", label=_l("Plannen")),),
    holds_forms=frozenset({"proposals", "proposals_organiser"}),
)
