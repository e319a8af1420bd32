"""How refusals about the accord are said."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from buurtbegroot.acts import Fault
from buurtbegroot.akkoord.actions import AccordFault

REFUSALS: Mapping[Fault, LazyString] = {
    AccordFault.NO_TARGET: _l("Punt %(point)s heeft geen getal als doel. Er is dus niets om te meten."),
}
