"""What the vote brings to the house; its forms are never held: codes and choices are typed in them."""

from buurtbegroot.rooms import Room
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.voting import models
from buurtbegroot.voting.words import EVENT_WORDS

ROOM = Room(
    name="voting",
    title=_l("Stemmen"),
    models=models,
    blueprints=("buurtbegroot.voting.views:bp", "buurtbegroot.voting.organiser_views:bp"),
    commands=("buurtbegroot.voting.commands:codes", "buurtbegroot.voting.commands:votes"),
    events=EVENT_WORDS,
)
