"""What the registry brings to the house; its forms with codes are never held."""

from buurtbegroot.registry import models
from buurtbegroot.registry.queries import own_draws
from buurtbegroot.registry.words import EVENT_WORDS, REFUSALS
from buurtbegroot.rooms import Kept, Promise, Room
from buurtbegroot.texts import lazy_gettext as _l

ROOM = Room(
    name="registry",
    title=_l("Stemmen"),
    models=models,
    blueprints=("buurtbegroot.registry.organiser_views:bp",),
    commands=("buurtbegroot.registry.commands:codes", "buurtbegroot.registry.commands:receipt"),
    events=EVENT_WORDS,
    faults=REFUSALS,
    kept=(
        Kept(
            name="waiting_codes",
            columns=("pool_code.sealed",),
            because="nothing leads from a person to a code; that a waiting one goes is told with the ballots",
        ),
        Kept(
            name="draws",
            columns=("pool_draw.account",),
            told=(
                Promise(
                    what=_l(
                        "Dat u met uw account een stemcode vroeg en op welke dag, onleesbaar gemaakt; niet welke code"
                    ),
                    why=_l("Zodat elk account één code krijgt"),
                    until=_l("Tot de stembus dicht is"),
                ),
            ),
            give=own_draws,
            because="it is destroyed with the secrets of the round; until then, who makes a new account with the same"
            " address draws no second code",
        ),
    ),
)
