"""What the rounds bring to the house."""

from buurtbegroot.rooms import ORGANISERS, Kept, Link, Menu, Room
from buurtbegroot.rounds import models
from buurtbegroot.rounds.queries.own import own_rounds
from buurtbegroot.rounds.words import EVENT_WORDS, REFUSALS
from buurtbegroot.texts import lazy_gettext as _l

ROOM = Room(
    name="rounds",
    title=_l("Rondes"),
    models=models,
    blueprints=("buurtbegroot.rounds.views:bp", "buurtbegroot.rounds.organiser_views:bp"),
    events=EVENT_WORDS,
    faults=REFUSALS,
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
    kept=(  # the log tells on the privacy page that organisers are known by what they do
        Kept(
            name="rounds",
            columns=("round.created_by_id",),
            give=own_rounds,
            because="a round stays; the emptied account says no more than that somebody began it",
        ),
    ),
)
