"""What the booth brings to the house; its forms are never held: codes and choices are typed in them."""

from buurtbegroot.booth.words import EVENT_WORDS, REFUSALS
from buurtbegroot.rooms import Room
from buurtbegroot.texts import lazy_gettext as _l

ROOM = Room(
    name="booth",
    title=_l("Stemmen"),
    blueprints=("buurtbegroot.booth.views:bp", "buurtbegroot.booth.organiser_views:bp"),
    events=EVENT_WORDS,
    faults=REFUSALS,
)
