"""How those who have to wait are told so, and how long."""

from math import ceil

from buurtbegroot.acts import RefusedError
from buurtbegroot.limits.domain import LimitFault
from buurtbegroot.rooms import FaultWords
from buurtbegroot.texts import gettext as _
from buurtbegroot.texts import ngettext

MINUTE, HOUR = 60, 3600


def wait_in(refusal: RefusedError) -> str:
    """Return how long it takes until there is room again: never shorter than it is, at most a minute or hour longer."""
    seconds = int(str(refusal.facts["seconds"]))
    if seconds < 2 * MINUTE:
        return ngettext("%(num)s seconde", "%(num)s seconden", seconds)
    if seconds <= 2 * HOUR:
        return ngettext("%(num)s minuut", "%(num)s minuten", ceil(seconds / MINUTE))
    return ngettext("%(num)s uur", "%(num)s uur", ceil(seconds / HOUR))


def _too_often(refusal: RefusedError) -> str:
    return _("U probeerde dit vaak in korte tijd. Over %(wait)s kunt u het opnieuw proberen.", wait=wait_in(refusal))


REFUSALS: FaultWords = {LimitFault.TOO_OFTEN: _too_often}
