"""How refusals are said."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from buurtbegroot.accounts.actions import AccountFault
from buurtbegroot.accounts.domain import VaultFault
from buurtbegroot.accounts.key_acts import KeyActFault
from buurtbegroot.acts import Fault

REFUSALS: Mapping[Fault, LazyString] = {
    AccountFault.LINK_GONE: _l("Deze link werkt niet meer. Vraag een nieuwe aan."),
    AccountFault.LAST_ADMINISTRATOR: _l("Dit is de laatste beheerder. Geef die taak eerst ook aan iemand anders."),
    AccountFault.STILL_ORGANISER: _l("U heeft nog een taak. Vraag eerst een beheerder om die over te dragen."),
    VaultFault.NO_KEY: _l("Wij kunnen de code van uw telefoon nu niet controleren. Bel de beheerder."),
    KeyActFault.NOT_REQUESTED: _l("Deze aanvraag is er niet meer."),
    KeyActFault.ALREADY_REQUESTED: _l("Dit is al aangevraagd. Een andere beheerder moet het bevestigen."),
    KeyActFault.SAME_PERSON: _l("U heeft dit zelf aangevraagd. Een andere beheerder moet het bevestigen."),
    KeyActFault.NOT_INDEPENDENT: _l(
        "Een van u gaf de ander deze taak. Laat iemand bevestigen die de taak van een ander kreeg."
    ),
    KeyActFault.NOTHING_LEFT: _l("Dit is al gebeurd. Trek de aanvraag in."),
}
