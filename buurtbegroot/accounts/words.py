"""How refusals of key acts are said."""

from buurtbegroot.accounts.key_acts import KeyActFault
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
