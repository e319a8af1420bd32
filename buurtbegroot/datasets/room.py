"""What the data sets bring to the house."""

from buurtbegroot.rooms import Link, Menu, Room
from buurtbegroot.texts import lazy_gettext as _l

ROOM = Room(
    name="datasets",
    blueprints=("buurtbegroot.datasets.views:bp",),
    links=(Link(menu=Menu.FOOTER, endpoint="datasets.index", label=_l("Open data")),),
)
