"""What the areas bring to the house."""

from buurtbegroot.areas import models
from buurtbegroot.areas.words import EVENT_WORDS
from buurtbegroot.rooms import Link, Menu, Room
from buurtbegroot.texts import lazy_gettext as _l

ROOM = Room(
    name="areas",
    title=_l("Gebieden"),
    models=models,
    blueprints=("buurtbegroot.areas.views:bp",),
    commands=("buurtbegroot.areas.commands:group",),
    events=EVENT_WORDS,
    objects={"area": _l("gebied")},
    links=(Link(menu=Menu.FOOTER, endpoint="areas.index", label=_l("Gebieden")),),
)
