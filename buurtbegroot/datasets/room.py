"""What the data sets bring to the house."""

from buurtbegroot.rooms import ORGANISERS, Link, Menu, Room
from buurtbegroot.texts import lazy_gettext as _l

ROOM = Room(
    name="datasets",
    blueprints=("buurtbegroot.datasets.views:bp", "buurtbegroot.datasets.organiser_views:bp"),
    links=(
        Link(menu=Menu.FOOTER, endpoint="datasets.index", label=_l("Open data")),
        Link(menu=Menu.WORKPLACE, endpoint="datasets_organiser.index", label=_l("Bestanden"), readers=ORGANISERS),
    ),
)
