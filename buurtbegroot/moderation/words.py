"""How moderation speaks to people."""

from datetime import datetime, timedelta

from buurtbegroot.acts import RefusedError
from buurtbegroot.moderation.actions import ModerationFault
from buurtbegroot.moderation.actions.appeals import AppealFault
from buurtbegroot.moderation.actions.reports import ReportFault
from buurtbegroot.moderation.domain import Act
from buurtbegroot.moderation.events import (
    AppealHandedOn,
    AppealJudged,
    AppealMade,
    ChangeAsked,
    WordsHidden,
    WordsKept,
    WordsShown,
)
from buurtbegroot.moderation.models import CaseState, Ground, Reason
from buurtbegroot.moderation.queries import MOST_COUNTED
from buurtbegroot.rooms import EventWords, FaultWords, Payload
from buurtbegroot.texts import Text, long_datetime, ngettext
from buurtbegroot.texts import gettext as _
from buurtbegroot.texts import lazy_gettext as _l

REASONS: dict[str, Text] = {
    Reason.PERSONAL: _l("Gegevens van iemand anders"),
    Reason.ABUSE: _l("Schelden of bedreigen"),
    Reason.HATE: _l("Discriminatie"),
    Reason.POSING: _l("Iemand doet zich anders voor"),
    Reason.ADVERTISING: _l("Reclame"),
    Reason.OTHER: _l("Iets anders"),
}
MEANINGS: dict[str, Text] = {
    Reason.PERSONAL: _l("Een naam, adres, telefoonnummer of foto"),
    Reason.ABUSE: _l("Iemand wordt uitgescholden of bang gemaakt"),
    Reason.HATE: _l("Tegen afkomst, geloof, geslacht, leeftijd of beperking"),
    Reason.POSING: _l("Bijvoorbeeld als de gemeente of als een buur"),
    Reason.ADVERTISING: _l("Of dezelfde tekst op veel plekken"),
    Reason.OTHER: _l("U kunt het hierna in uw eigen woorden zeggen"),
}
ICONS = {
    Reason.PERSONAL: "id",
    Reason.ABUSE: "message-exclamation",
    Reason.HATE: "users-minus",
    Reason.POSING: "user-question",
    Reason.ADVERTISING: "speakerphone",
    Reason.OTHER: "dots",
}
GROUNDS: dict[str, Text] = {
    Ground.OPINION: _l("Het is een mening, en die mag"),
    Ground.ALLOWED: _l("Het doet niemand kwaad"),
    Ground.ADJUSTED: _l("Het is aangepast"),
    Ground.MISTAKE: _l("Het was een vergissing"),
}
ACTS: dict[str, Text] = {
    Act.KEEP: _l("Laat staan"),
    Act.ASK: _l("Vraag om een aanpassing"),
    Act.HIDE: _l("Verberg"),
    Act.SHOW: _l("Laat weer zien"),
}
ACT_MEANINGS: dict[str, Text] = {
    Act.KEEP: _l("Er verandert niets. Wie een adres achterliet, krijgt bericht."),
    Act.ASK: _l("De tekst blijft staan. Na een wijziging of na een week kijkt u opnieuw."),
    Act.HIDE: _l("Meteen weg van alle pagina’s, lijsten en bestanden. Het kan ook als de stembus open is."),
    Act.SHOW: _l("De tekst zoals hij nu is, komt overal terug. Wat er eerst stond en is aangepast, blijft weg."),
}
STAYS_HIDDEN = _l("De tekst blijft weg van alle pagina’s. Wie het schreef, leest waarom.")
BUTTONS: dict[str, Text] = {
    Act.KEEP: _l("Laat %(this)s staan"),
    Act.ASK: _l("Vraag om een aanpassing"),
    Act.HIDE: _l("Verberg %(this)s"),
    Act.SHOW: _l("Laat %(this)s weer zien"),
}
DONE: dict[str, Text] = {
    Act.KEEP: _l("%(called)s blijft staan."),
    Act.ASK: _l("Wij vroegen %(writer)s om %(this)s aan te passen."),
    Act.HIDE: _l("%(called)s is nu verborgen."),
    Act.SHOW: _l("%(this)s is weer te zien."),
}
FIRST: dict[str, Text] = {
    Act.KEEP: _l("%(name)s liet deze tekst staan op %(moment)s."),
    Act.ASK: _l("%(name)s vroeg om een aanpassing op %(moment)s."),
    Act.HIDE: _l("%(name)s verborg deze tekst op %(moment)s."),
    Act.SHOW: _l("%(name)s liet deze tekst weer zien op %(moment)s."),
}
AGES = [("", _l("Alles")), ("oud", _l("Langer dan één werkdag")), ("nieuw", _l("Korter"))]
STATES: dict[CaseState, Text] = {
    CaseState.OPEN: _l("Wacht"),
    CaseState.APPEALED: _l("Bezwaren"),
    CaseState.ASKED: _l("Gevraagd"),
    CaseState.HIDDEN: _l("Verborgen"),
    CaseState.CLOSED: _l("Klaar"),
}


def reason_words(reason: str) -> str:
    """Return a reason or ground as everyone reads it."""
    return str((REASONS | GROUNDS).get(reason, reason))


def waited(since: datetime, now: datetime) -> str:
    """Return how long something waits, in the largest unit that it fills."""
    gone = max(now - since, timedelta())
    if gone < timedelta(hours=1):
        return ngettext("%(num)s minuut", "%(num)s minuten", gone // timedelta(minutes=1))
    if gone < timedelta(days=2):
        return ngettext("%(num)s uur", "%(num)s uur", gone // timedelta(hours=1))
    return ngettext("%(num)s dag", "%(num)s dagen", gone.days)


def waiting_words(number: int) -> str:
    """Return how many reported texts wait, as the menu says it."""
    if number > MOST_COUNTED:
        return _("meer dan %(number)s wachten", number=MOST_COUNTED)
    return ngettext("%(num)s wacht", "%(num)s wachten", number)


def _hidden(p: Payload) -> str:
    said = _("Een moderator verborg de tekst, ook de titel.") if p["title_too"] else ""
    said = said or _("Een moderator verborg de tekst.")
    return f"{said} {_because(p)}"


def _because(p: Payload) -> str:
    return _("Reden: %(reason)s.", reason=reason_words(p["reason"]))


def _shown(p: Payload) -> str:
    return _("Een moderator liet de tekst weer zien.") + " " + _because(p)


def _kept(p: Payload) -> str:
    return _("Een moderator liet staan wat gemeld was.") + " " + _because(p)


def _asked(p: Payload) -> str:
    return _("Een moderator vroeg om een aanpassing.") + " " + _because(p)


def _too_often(refusal: RefusedError) -> str:
    said = _("U meldde veel in korte tijd. U kunt weer iets melden vanaf %(moment)s.", moment=_room_from(refusal))
    return said + " " + _("Deze grens geldt voor uw account, niet voor uw adres of school.")


def _network_full(refusal: RefusedError) -> str:
    said = _("Vanaf uw netwerk is veel gemeld. Dat kan weer vanaf %(moment)s.", moment=_room_from(refusal))
    return said + " " + _("Met een account kunt u nu al melden.")


def _room_from(refusal: RefusedError) -> str:
    """Return the minute from which there is room; never one in which there is none yet."""
    until = refusal.facts["until"]
    assert isinstance(until, datetime)
    return long_datetime(until.replace(second=0, microsecond=0) + timedelta(minutes=1))


def _judged(p: Payload) -> str:
    if p["shown"]:
        return _("Een andere moderator beoordeelde het bezwaar: het is weer te zien.") + " " + _because(p)
    return _("Een andere moderator beoordeelde het bezwaar: het blijft verborgen.") + " " + _because(p)


EVENT_WORDS: EventWords = {
    AppealMade: _l("Wie het schreef, maakte bezwaar. Een andere moderator beoordeelt het."),
    AppealHandedOn: _l("Een moderator liet het bezwaar over aan een collega."),
    AppealJudged: _judged,
    WordsHidden: _hidden,
    WordsShown: _shown,
    WordsKept: _kept,
    ChangeAsked: _asked,
}
REFUSALS: FaultWords = {
    ModerationFault.OWN: _l(
        "Dit is van u, of van iemand van wie u een rol kreeg of die u een rol gaf."
        " Een andere coördinator van dit gebied of een beheerder kan wel oordelen."
    ),
    ModerationFault.SHOWN: _l("Er is hier niets verborgen."),
    ModerationFault.HIDDEN: _l("Dit is al verborgen."),
    ModerationFault.JUDGED: _l("Een andere moderator was eerder. Kijk eerst wat er besloten is."),
    ModerationFault.NOTHING: _l("Niemand meldde hier iets. U hoeft niets te doen."),
    ModerationFault.APPEALED: _l("Wie het schreef, maakte bezwaar. Een andere moderator beoordeelt dat eerst."),
    AppealFault.ONCE: _l("U maakte al bezwaar. Dat kan één keer."),
    AppealFault.LATE: _l("Bezwaar maken kan niet meer. De laatste dag is voorbij."),
    AppealFault.NOT_YOURS: _l(
        "Dit bezwaar beoordeelt een collega: u besloot er eerder over, of het staat te dicht bij u."
    ),
    AppealFault.NOBODY_ELSE: _l(
        "Geen collega kan dit bezwaar beoordelen. Beoordeel het zelf, of vraag de beheerder van deze site om nog "
        "iemand een rol te geven."
    ),
    ReportFault.OWN: _l("Dit is van uzelf. U kunt het zelf aanpassen of weghalen."),
    ReportFault.HIDDEN: _l("Dit is al verborgen. U hoeft niets meer te melden."),
    ReportFault.SETTLED: _l("Een moderator keek al naar wat u meldde."),
    ReportFault.JUDGED: _l("Een moderator keek hier al naar. Met een account kunt u het toch melden."),
    ReportFault.TOO_OFTEN: _too_often,
    ReportFault.NETWORK_FULL: _network_full,
}
