"""What the ballot box brings to the house; `Stemmen` is what the log calls all of a vote."""

from buurtbegroot.box import models
from buurtbegroot.box.words import EVENT_WORDS, REFUSALS
from buurtbegroot.rooms import Kept, Promise, Room
from buurtbegroot.texts import lazy_gettext as _l

ROOM = Room(
    name="box",
    title=_l("Stemmen"),
    models=models,
    blueprints=("buurtbegroot.box.views:bp",),
    tasks=("buurtbegroot.box.tasks:TASKS",),
    events=EVENT_WORDS,
    faults=REFUSALS,
    kept=(
        Kept(
            name="ballots",
            columns=(
                "ballot_box.locator",
                "ballot_box.mark",
                "ballot_box.sealed",
                "ballot_box.receipt_ct",
                "superseded_ballot.fingerprint",
                "superseded_ballot.sealed",
            ),
            told=(
                Promise(
                    what=_l("Uw gesloten stembiljet, zonder naam"),
                    why=_l("Om het te tellen als het stemmen sluit"),
                    until=_l("Na het tellen worden de sleutels vernietigd"),
                ),
            ),
            because="nothing leads from a person to a ballot",
        ),
    ),
)
