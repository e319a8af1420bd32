"""What rounds of the past bring to the house; their tables are those of rounds, plans and counts."""

from buurtbegroot.archive.words import EVENT_WORDS, REFUSALS
from buurtbegroot.rooms import Room
from buurtbegroot.texts import lazy_gettext as _l

ROOM = Room(
    name="archive",
    title=_l("Rondes van vroeger"),
    commands=("buurtbegroot.archive.commands:group",),
    events=EVENT_WORDS,
    faults=REFUSALS,
)
