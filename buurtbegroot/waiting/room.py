"""What the waiting room brings to the house."""

from buurtbegroot.rooms import Kept, Promise, Room
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.waiting import models
from buurtbegroot.waiting.actions import erase_waiting
from buurtbegroot.waiting.queries import own_waiting
from buurtbegroot.waiting.words import REFUSALS

ROOM = Room(
    name="waiting",
    models=models,
    blueprints=("buurtbegroot.waiting.views:bp",),
    tasks=("buurtbegroot.waiting.tasks:TASKS",),
    faults=REFUSALS,
    kept=(
        Kept(
            name="waiting",
            columns=(
                "waiting_form.key",
                "waiting_form.email",
                "waiting_form.language",
                "waiting_form.path",
                "waiting_form.fields",
                "waiting_form.once",
                "waiting_form.told",
                "waiting_form.content",
                "waiting_link.token_hash",
                "waiting_link.form_key",
            ),
            told=(
                Promise(
                    what=_l("Wat u schreef zonder in te loggen, met uw mailadres"),
                    why=_l("Zodat het niet weg is en pas op de site komt als u de link in uw mail opent"),
                    until=_l("Tot u dat doet, en hoogstens een week"),
                ),
            ),
            give=own_waiting,
            erase=erase_waiting,
        ),
    ),
)
