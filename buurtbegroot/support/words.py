"""How refusals about support are said."""

from buurtbegroot.rooms import FaultWords
from buurtbegroot.support.actions import SupportFault
from buurtbegroot.texts import lazy_gettext as _l

REFUSALS: FaultWords = {
    SupportFault.CLOSED: _l("Steun geven of terugnemen kan nu niet bij dit plan."),
    SupportFault.OWN: _l("Dit is uw eigen plan. Steun komt van anderen."),
}
