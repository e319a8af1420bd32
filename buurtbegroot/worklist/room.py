"""What the worklist brings to the house; its table names things, never a person."""

from buurtbegroot.rooms import Room
from buurtbegroot.worklist import models
from buurtbegroot.worklist.words import work_step, work_waits

ROOM = Room(
    name="worklist",
    models=models,
    tasks=("buurtbegroot.worklist.tasks:TASKS",),
    template_functions={"work_step": work_step, "work_waits": work_waits},
)
