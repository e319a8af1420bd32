"""What the vote brings to the house; its forms are never held: codes and choices are typed in them."""

from buurtbegroot.rooms import Room
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.voting.words import EVENT_WORDS, REFUSALS

ROOM = Room(
    name="voting",
    title=_l("Stemmen"),
    blueprints=("buurtbegroot.voting.views:bp", "buurtbegroot.voting.organiser_views:bp"),
    events=EVENT_WORDS,
    faults=REFUSALS,
)
