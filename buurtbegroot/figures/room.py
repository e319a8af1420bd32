"""What the figures bring to the house."""

from buurtbegroot.rooms import ORGANISERS, Link, Menu, Room
from buurtbegroot.texts import lazy_gettext as _l

ROOM = Room(
    name="figures",
    blueprints=("buurtbegroot.figures.views:bp",),
    links=(
        Link(menu=Menu.FOOTER, endpoint="figures.index", label=_l("Cijfers")),
        Link(menu=Menu.WORKPLACE, endpoint="figures.index", label=_l("Cijfers"), readers=ORGANISERS),
    ),
)
