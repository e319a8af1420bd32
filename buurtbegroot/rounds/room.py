"""What the rounds bring to the house."""

from buurtbegroot.rooms import ORGANISERS, Link, Menu, Room
from buurtbegroot.rounds import models
from buurtbegroot.rounds.words import EVENT_WORDS
from buurtbegroot.texts import lazy_gettext as _l

ROOM = Room(
    name="rounds",
    title=_l("Rondes"),
    models=models,
    blueprints=("buurtbegroot.rounds.views:bp", "buurtbegroot.rounds.organiser_views:bp"),
    events=EVENT_WORDS,
    objects={"round": _l("ronde")},
    links=(
        Link(menu=Menu.MAIN, endpoint="rounds.index", label=_l("Rondes")),
        Link(menu=Menu.ACCOUNT, endpoint="rounds_organiser.index", label=_l("Werkplek"), readers=ORGANISERS),
        Link(
            menu=Menu.WORKPLACE,
            endpoint="rounds_organiser.index",
            label=_l("Alle rondes"),
            readers=ORGANISERS,
            own_page_only=True,
        ),
    ),
    holds_forms=frozenset({"rounds_organiser"}),
)
