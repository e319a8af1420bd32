"""What the limits bring to the house."""

from buurtbegroot.limits import models
from buurtbegroot.limits.words import REFUSALS
from buurtbegroot.rooms import Kept, Promise, Room
from buurtbegroot.texts import lazy_gettext as _l

ROOM = Room(
    name="limits",
    models=models,
    tasks=("buurtbegroot.limits.tasks:TASKS",),
    faults=REFUSALS,
    kept=(
        Kept(
            name="attempts",
            told=(
                Promise(
                    what=_l("Hoe vaak iets mislukte, per netwerk en mailadres, onleesbaar gemaakt"),
                    why=_l("Zodat niemand codes kan raden of een ander kan overladen met mail"),
                    until=_l("Een dag"),
                ),
            ),
            because="nothing in it leads to a person, not even to us once the secret of its day is gone",
        ),
    ),
)
