"""How refusals of key acts are said, what roles are called, and how the log tells what happened to accounts."""

from buurtbegroot.accounts.events import (
    KeyActConfirmed,
    KeyActRequested,
    KeyRequestWithdrawn,
    RoleGranted,
    RoleRevoked,
    SecondFactorEnrolled,
    SecondFactorReset,
    SessionsEnded,
)
from buurtbegroot.accounts.key_acts import KeyActFault
from buurtbegroot.accounts.models import RESIDENT, KeyAct, Role
from buurtbegroot.acts import SYSTEM_ACTOR
from buurtbegroot.rooms import EventWords, Payload
from buurtbegroot.texts import gettext as _
from buurtbegroot.texts import lazy_gettext as _l

FAULT_WORDS = {
    KeyActFault.NOT_REQUESTED: _l("Deze aanvraag is er niet meer."),
    KeyActFault.ALREADY_REQUESTED: _l("Dit is al aangevraagd. Een andere beheerder moet het bevestigen."),
    KeyActFault.SAME_PERSON: _l("U heeft dit zelf aangevraagd. Een andere beheerder moet het bevestigen."),
    KeyActFault.NOT_INDEPENDENT: _l(
        "Een van u gaf de ander deze taak. Laat iemand bevestigen die de taak van een ander kreeg."
    ),
    KeyActFault.NOTHING_LEFT: _l("Dit is al gebeurd. Trek de aanvraag in."),
}
ROLE_WORDS = {
    RESIDENT: _l("bewoner"),
    Role.COORDINATOR.value: _l("coördinator"),
    Role.STAFF.value: _l("medewerker stadsdeel"),
    Role.ADMINISTRATOR.value: _l("beheerder"),
    SYSTEM_ACTOR.role: _l("systeem"),
}
_KEY_ACTS = {
    KeyAct.RESET_SECOND_FACTOR.value: _l("de tweede stap van een organisator te wissen"),
    KeyAct.ERASE_PAYLOAD.value: _l("de gegevens van een regel te wissen"),
}


def _role(p: Payload) -> object:
    return ROLE_WORDS.get(p["role"], p["role"])


def _key_act(p: Payload) -> object:
    return _KEY_ACTS.get(p["act"], p["act"])


EVENT_WORDS: EventWords = {
    RoleGranted: lambda p: _("Iemand kreeg een taak: %(role)s in %(area)s.", role=_role(p), area=p["area_name"]),
    RoleRevoked: lambda p: _(
        "Iemand heeft een taak niet meer: %(role)s in %(area)s.",
        role=_role(p),
        area=p["area_name"],
    ),
    SecondFactorEnrolled: _l("Een organisator stelde de tweede stap van het inloggen in."),
    SecondFactorReset: _l("Een beheerder wiste de tweede stap van een organisator."),
    SessionsEnded: _l("Een beheerder logde iemand overal uit."),
    KeyActRequested: lambda p: _("Een beheerder vroeg een tweede beheerder om %(act)s.", act=_key_act(p)),
    KeyRequestWithdrawn: lambda p: _("De vraag om %(step)s is ingetrokken.", step=_key_act(p)),
    KeyActConfirmed: lambda p: _("Een tweede beheerder keurde goed om %(act)s.", act=_key_act(p)),
}
