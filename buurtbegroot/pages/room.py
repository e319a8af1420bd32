"""What the pages about the site itself bring to the house."""

from buurtbegroot.acts import SeenFault
from buurtbegroot.rooms import Link, Menu, Room
from buurtbegroot.texts import lazy_gettext as _l

ROOM = Room(
    name="pages",
    blueprints=("buurtbegroot.pages.views:bp",),
    faults={SeenFault.CHANGED_SINCE: _l("Dit is veranderd nadat u de pagina opende. Bekijk eerst hoe het nu is.")},
    links=(
        Link(menu=Menu.MAIN, endpoint="pages.help_page", label=_l("Hulp"), own_page_only=True),
        Link(menu=Menu.FOOTER, endpoint="pages.accessibility", label=_l("Toegankelijkheid")),
        Link(menu=Menu.FOOTER, endpoint="pages.privacy", label=_l("Privacy")),
    ),
)
