"""How what waits is said: in a mail without names or titles, and on the workplace with the round before it."""

from collections.abc import Callable

from buurtbegroot.moderation.queries import MOST_COUNTED
from buurtbegroot.texts import Text, ngettext
from buurtbegroot.texts import gettext as _
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.worklist.models import Kind

STEPS: dict[Kind, Text] = {
    Kind.RESTORE: _l("Ga met zijn tweeën verder na de reservekopie"),
    Kind.OPEN: _l("Open de stembus met zijn tweeën"),
    Kind.CLOSE: _l("Sluit de stembus met zijn tweeën"),
    Kind.UNSEAL: _l("Open de enveloppen"),
    Kind.COUNT: _l("Tel de stembiljetten"),
    Kind.BUNDLE: _l("Laat het controlebestand maken"),
    Kind.FAULTY: _l("Het controlebestand klopt niet: bel de beheerder"),
    Kind.CERTIFY: _l("Stel de uitslag vast met zijn tweeën"),
    Kind.CHECK: _l("Toets de plannen"),
    Kind.APPOINT: _l("Geef iemand een taak: een bezwaar heeft niemand die het kan beoordelen"),
    Kind.APPEALS: _l("Beoordeel de bezwaren"),
    Kind.REPORTS: _l("Bekijk de gemelde teksten"),
    Kind.READ: _l("Lees de reacties die wachten"),
    Kind.CODES: _l("Maak de stemcodes"),
    Kind.PUBLISH: _l("Maak de ronde openbaar met zijn tweeën"),
    Kind.CODE_LISTS: _l("Leg met zijn tweeën vast dat de lijsten van brief naar stemcode weg zijn"),
    Kind.DESTROY: _l("Vernietig de enveloppen en sleutels met zijn tweeën"),
    Kind.JOBS: _l("Kijk naar het werk op de achtergrond dat mislukte"),
}
"""What has to be done, as a sentence without its full stop."""


def work_step(kind: str) -> str:
    """Say what has to be done of a kind."""
    return str(STEPS[Kind(kind)])


def work_waits(kind: str, number: int) -> str:
    """Say how many of a kind wait, empty where they are not counted."""
    if not number:
        return ""
    return _COUNTED[Kind(kind)](number)


def _texts(number: int) -> str:
    if number > MOST_COUNTED:
        return _("Er wachten meer dan %(number)s teksten.", number=MOST_COUNTED)
    return ngettext("Er wacht %(num)s tekst.", "Er wachten %(num)s teksten.", number)


_COUNTED: dict[Kind, Callable[[int], str]] = {
    Kind.CHECK: lambda number: ngettext("Er wacht %(num)s plan.", "Er wachten %(num)s plannen.", number),
    Kind.READ: lambda number: ngettext("Er wacht %(num)s reactie.", "Er wachten %(num)s reacties.", number),
    Kind.REPORTS: _texts,
    Kind.APPOINT: lambda number: ngettext("Er wacht %(num)s bezwaar.", "Er wachten %(num)s bezwaren.", number),
    Kind.APPEALS: lambda number: ngettext("Er wacht %(num)s bezwaar.", "Er wachten %(num)s bezwaren.", number),
    Kind.JOBS: lambda number: ngettext("%(num)s taak is mislukt.", "%(num)s taken zijn mislukt.", number),
}
