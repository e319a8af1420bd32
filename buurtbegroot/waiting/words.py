"""How refusals about what waits are said."""

from datetime import datetime
from typing import cast

from buurtbegroot.acts import RefusedError
from buurtbegroot.rooms import FaultWords
from buurtbegroot.texts import clock_time
from buurtbegroot.texts import gettext as _
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.waiting.actions import WaitingFault


def _just_mailed(refusal: RefusedError) -> str:
    moment = cast(datetime, refusal.facts["at"])
    return _("Er is net een mail verstuurd. Vanaf %(time)s kan het opnieuw.", time=clock_time(moment))


REFUSALS: FaultWords = {
    WaitingFault.TOO_LONG: _l("Dit is te lang om te bewaren. Maak de tekst korter en stuur hem opnieuw."),
    WaitingFault.JUST_MAILED: _just_mailed,
}
