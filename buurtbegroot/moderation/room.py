"""What moderation brings to the house."""

from buurtbegroot.moderation.words import EVENT_WORDS, REFUSALS, reason_words
from buurtbegroot.rooms import Room
from buurtbegroot.texts import lazy_gettext as _l

ROOM = Room(
    name="moderation",
    title=_l("Moderatie"),
    blueprints=("buurtbegroot.moderation.organiser_views:bp",),
    events=EVENT_WORDS,
    faults=REFUSALS,
    template_functions={"hiding_reason": reason_words},
)
