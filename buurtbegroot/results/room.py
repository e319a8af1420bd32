"""What the results bring to the house."""

from buurtbegroot.rooms import Link, Menu, Room
from buurtbegroot.texts import lazy_gettext as _l

ROOM = Room(
    name="results",
    blueprints=("buurtbegroot.results.views:bp",),
    links=(Link(menu=Menu.MAIN, endpoint="results.index", label=_l("Uitslagen")),),
)
