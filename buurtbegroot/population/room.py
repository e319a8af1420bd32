"""What the files of inhabitants bring to the house."""

from buurtbegroot.population import models
from buurtbegroot.population.words import EVENT_WORDS, REFUSALS
from buurtbegroot.rooms import Room
from buurtbegroot.texts import lazy_gettext as _l

ROOM = Room(
    name="population",
    title=_l("Inwoners"),
    models=models,
    blueprints=("buurtbegroot.population.organiser_views:bp",),
    commands=("buurtbegroot.population.commands:group",),
    events=EVENT_WORDS,
    faults=REFUSALS,
    objects={"population": _l("inwoners")},
)
