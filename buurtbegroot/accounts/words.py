"""How refusals are said, what roles and acts of administrators are called, and how the log tells of accounts."""

from collections.abc import Iterable, Mapping

from buurtbegroot.accounts.actions import AccountFault
from buurtbegroot.accounts.domain import VaultFault
from buurtbegroot.accounts.events import (
    RoleGranted,
    RoleRevoked,
    SecondFactorEnrolled,
    SecondFactorReset,
    SessionsEnded,
)
from buurtbegroot.accounts.models import RESIDENT, Role
from buurtbegroot.acts import SYSTEM_ACTOR, RefusedError
from buurtbegroot.dual_control.domain import Difference
from buurtbegroot.dual_control.words import ChangedRow, Wording, changed_rows
from buurtbegroot.limits.words import wait_in
from buurtbegroot.rooms import EventWords, FaultWords, Payload
from buurtbegroot.texts import Text
from buurtbegroot.texts import gettext as _
from buurtbegroot.texts import lazy_gettext as _l

CLAIMS_OFFICE = _l("Deze naam lijkt van het stadsdeel of de gemeente. Kies uw eigen naam of die van uw groep.")


def _mailbox_full(refusal: RefusedError) -> str:
    return _(
        "Wij stuurden al mails met een link naar dit adres. Kijk daar, ook bij de ongewenste mail. "
        "Over %(wait)s kunt u een nieuwe link vragen.",
        wait=wait_in(refusal),
    )


def _many_accounts(refusal: RefusedError) -> str:
    return _(
        "Vanaf deze plek zijn vandaag veel accounts gemaakt. Over %(wait)s kunt u er weer een maken.",
        wait=wait_in(refusal),
    )


REFUSALS: FaultWords = {
    AccountFault.MAILBOX_FULL: _mailbox_full,
    AccountFault.MANY_ACCOUNTS: _many_accounts,
    AccountFault.NO_CONSENT: _l("Zeg eerst dat u oud genoeg bent, of dat uw ouder of verzorger het goed vindt."),
    AccountFault.LINK_GONE: _l("Deze link werkt niet meer. Vraag een nieuwe aan."),
    AccountFault.OWN_ROLE: _l("Niemand geeft zichzelf een rol. Een andere beheerder kan u deze rol geven."),
    AccountFault.LAST_ADMINISTRATOR: _l("Dit is de laatste beheerder. Geef die taak eerst ook aan iemand anders."),
    AccountFault.STILL_ORGANISER: _l("U heeft nog een taak. Vraag eerst een beheerder om die over te dragen."),
    AccountFault.CLAIMS_OFFICE: CLAIMS_OFFICE,
    VaultFault.NO_KEY: _l("Wij kunnen de code van uw telefoon nu niet controleren. Bel de beheerder."),
}
ACT_LABELS: Mapping[str, Text] = {
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
ROLE_WORDS = {
    RESIDENT: _l("bewoner"),
    Role.COORDINATOR.value: _l("coördinator"),
    Role.STAFF.value: _l("medewerker stadsdeel"),
    Role.ADMINISTRATOR.value: _l("beheerder"),
    SYSTEM_ACTOR.role: _l("systeem"),
}


def _role(p: Payload) -> object:
    return ROLE_WORDS.get(p["role"], p["role"])


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
}


def act_changes(found: Iterable[Difference], *, object_: str) -> list[ChangedRow]:
    """Say what is different from when an administrator asked."""
    return changed_rows(found, Wording(labels=ACT_LABELS), object_=object_)
