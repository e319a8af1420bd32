"""What the notices bring to the house; their table names rounds, never a person."""

from buurtbegroot.notices import models
from buurtbegroot.notices.words import notice_subject, notice_words
from buurtbegroot.rooms import Room

ROOM = Room(
    name="notices",
    models=models,
    tasks=("buurtbegroot.notices.tasks:TASKS",),
    template_functions={"notice_subject": notice_subject, "notice_words": notice_words},
)
