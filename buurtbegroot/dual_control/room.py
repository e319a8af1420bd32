"""What acts by two people bring to the house."""

from buurtbegroot.dual_control import models
from buurtbegroot.dual_control.actions import erase_shown
from buurtbegroot.dual_control.queries import own_requests
from buurtbegroot.dual_control.words import EVENT_WORDS, REFUSALS, act_title, to_do
from buurtbegroot.rooms import Kept, Room
from buurtbegroot.texts import lazy_gettext as _l

ROOM = Room(
    name="dual_control",
    title=_l("Met twee mensen"),
    models=models,
    events=EVENT_WORDS,
    faults=REFUSALS,
    tasks=("buurtbegroot.dual_control.tasks:TASKS",),
    template_functions={"to_do": to_do, "act_title": act_title},
    kept=(
        Kept(
            name="acts_by_two",
            columns=(
                "dual_request.requested_by_id",
                "dual_request.ended_by_id",
                "dual_request.act",
                "dual_request.object",
                "dual_request.shown",
                "dual_request.reason",
                "dual_request.ended_reason",
            ),
            give=own_requests,
            erase=erase_shown,
            because="two different people vouch for an act; their emptied accounts say no more than that they were two",
        ),
    ),
)
