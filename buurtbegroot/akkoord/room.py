"""What the accord brings to the house."""

from buurtbegroot.akkoord import models
from buurtbegroot.akkoord.words import EVENT_WORDS, REFUSALS
from buurtbegroot.rooms import Link, Menu, Reader, Room
from buurtbegroot.texts import lazy_gettext as _l

ROOM = Room(
    name="akkoord",
    title=_l("Akkoord"),
    models=models,
    blueprints=("buurtbegroot.akkoord.views:bp", "buurtbegroot.akkoord.organiser_views:bp"),
    commands=("buurtbegroot.akkoord.commands:group",),
    events=EVENT_WORDS,
    faults=REFUSALS,
    objects={"accord": _l("akkoord"), "point": _l("akkoordpunt")},
    links=(
        Link(menu=Menu.MAIN, endpoint="akkoord.index", label=_l("Akkoord")),
        Link(menu=Menu.FOOTER, endpoint="akkoord.index", label=_l("Maatschappelijk akkoord")),
        Link(
            menu=Menu.WORKPLACE,
            endpoint="akkoord_organiser.index",
            label=_l("Akkoord"),
            readers=frozenset({Reader.ADMINISTRATOR}),
        ),
    ),
)
