"""How refusals of the log are said."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from buurtbegroot.acts import Fault
from buurtbegroot.audit.actions import LogFault

REFUSALS: Mapping[Fault, LazyString] = {LogFault.ALREADY_ERASED: _l("De gegevens van deze regel zijn al gewist.")}
