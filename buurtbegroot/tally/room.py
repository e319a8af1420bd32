"""What the count brings to the house."""

from buurtbegroot.rooms import Room
from buurtbegroot.tally import models
from buurtbegroot.tally.words import EVENT_WORDS, REFUSALS
from buurtbegroot.texts import lazy_gettext as _l

ROOM = Room(
    name="tally",
    title=_l("Tellen"),
    models=models,
    blueprints=("buurtbegroot.tally.organiser_views:bp",),
    commands=("buurtbegroot.tally.commands:group",),
    tasks=("buurtbegroot.tally.tasks:TASKS",),
    events=EVENT_WORDS,
    faults=REFUSALS,
)
