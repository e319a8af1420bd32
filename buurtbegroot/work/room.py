"""What background work brings to the house."""

from buurtbegroot.rooms import Link, Menu, Reader, Room
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.work import models
from buurtbegroot.work.words import REFUSALS

ROOM = Room(
    name="work",
    models=models,
    blueprints=("buurtbegroot.work.organiser_views:bp",),
    commands=("buurtbegroot.work.commands:command",),
    tasks=("buurtbegroot.work.tasks:TASKS",),
    faults=REFUSALS,
    links=(
        Link(
            menu=Menu.WORKPLACE,
            endpoint="work_organiser.index",
            label=_l("Achtergrond"),
            readers=frozenset({Reader.ADMINISTRATOR}),
        ),
    ),
)
