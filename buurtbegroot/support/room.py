"""What support brings to the house."""

from buurtbegroot.rooms import Kept, Promise, Room
from buurtbegroot.support import models
from buurtbegroot.support.actions import erase_support
from buurtbegroot.support.queries import own_support
from buurtbegroot.support.words import REFUSALS
from buurtbegroot.texts import lazy_gettext as _l

ROOM = Room(
    name="support",
    models=models,
    blueprints=("buurtbegroot.support.views:bp",),
    faults=REFUSALS,
    kept=(
        Kept(
            name="support",
            columns=("support.user_id",),
            told=(
                Promise(
                    what=_l("Welke plannen u steunt"),
                    why=_l("Iedereen geeft een plan hoogstens één keer steun"),
                    until=_l("Tot u de steun terugneemt of het account weghaalt"),
                ),
            ),
            give=own_support,
            erase=erase_support,
        ),
    ),
)
