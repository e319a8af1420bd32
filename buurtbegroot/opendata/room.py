"""What the downloads bring to the house."""

from buurtbegroot.rooms import Link, Menu, Room
from buurtbegroot.texts import lazy_gettext as _l

ROOM = Room(
    name="opendata",
    blueprints=("buurtbegroot.opendata.views:bp",),
    links=(Link(menu=Menu.FOOTER, endpoint="opendata.index", label=_l("Open data")),),
)
