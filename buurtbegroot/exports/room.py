"""What long files bring to the house."""

from buurtbegroot.exports import models
from buurtbegroot.exports.actions import erase_exports
from buurtbegroot.exports.queries import given_exports
from buurtbegroot.exports.words import REFUSALS, choice_words, why_not_made
from buurtbegroot.rooms import Kept, Promise, Room
from buurtbegroot.texts import lazy_gettext as _l

ROOM = Room(
    name="exports",
    models=models,
    blueprints=("buurtbegroot.exports.views:bp", "buurtbegroot.exports.organiser_views:bp"),
    tasks=("buurtbegroot.exports.tasks:TASKS",),
    faults=REFUSALS,
    template_functions={"why_not_made": why_not_made, "choice_words": choice_words},
    kept=(
        Kept(
            name="exports",
            columns=("export.user_id", "export.url"),
            told=(
                Promise(
                    what=_l("Van wie een rol heeft: welke lange bestanden u liet maken"),
                    why=_l("Het bestand wacht op u tot het klaar is"),
                    until=_l("7 dagen, of tot u het weggooit"),
                ),
            ),
            give=given_exports,
            erase=erase_exports,
        ),
    ),
)
