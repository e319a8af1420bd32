"""How refusals are said, and what administrators read of an act that is not what was asked for any more."""

from collections.abc import Iterable, Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from buurtbegroot.accounts.actions import AccountFault
from buurtbegroot.accounts.domain import VaultFault
from buurtbegroot.acts import Fault
from buurtbegroot.dual_control.domain import Difference
from buurtbegroot.dual_control.words import ChangedRow, Wording, changed_rows

REFUSALS: Mapping[Fault, LazyString] = {
    AccountFault.LINK_GONE: _l("Deze link werkt niet meer. Vraag een nieuwe aan."),
    AccountFault.LAST_ADMINISTRATOR: _l("Dit is de laatste beheerder. Geef die taak eerst ook aan iemand anders."),
    AccountFault.STILL_ORGANISER: _l("U heeft nog een taak. Vraag eerst een beheerder om die over te dragen."),
    VaultFault.NO_KEY: _l("Wij kunnen de code van uw telefoon nu niet controleren. Bel de beheerder."),
}
ACT_LABELS: Mapping[str, LazyString] = {
    "subject": _l("Wie of wat"),
    "pseudonym": _l("Naam in het logboek"),
    "name": _l("Naam"),
    "email": _l("E-mailadres"),
    "roles": _l("Taken"),
    "has_authenticator": _l("Tweede stap ingesteld"),
    "seq": _l("Regel"),
    "action": _l("Gebeurtenis"),
    "object": _l("Waarover"),
    "payload_commitment": _l("Controlecode van de gegevens"),
    "is_erased": _l("Gewist"),
}


def act_changes(found: Iterable[Difference], *, object_: str) -> list[ChangedRow]:
    """Say what is different from when an administrator asked."""
    return changed_rows(found, Wording(labels=ACT_LABELS), object_=object_)
