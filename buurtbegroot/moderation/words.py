"""How moderation speaks to people."""

from buurtbegroot.moderation.actions import ModerationFault
from buurtbegroot.moderation.events import WordsHidden, WordsShown
from buurtbegroot.moderation.models import Reason
from buurtbegroot.rooms import EventWords, FaultWords, Payload
from buurtbegroot.texts import Text
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
    Reason.OTHER: _l("Leg het hieronder uit aan wie het schreef"),
}


def reason_words(reason: str) -> str:
    """Return a reason as everyone reads it."""
    return str(REASONS.get(reason, reason))


def _hidden(p: Payload) -> str:
    said = _("Een moderator verborg woorden en beeld, ook de titel.") if p["title_too"] else ""
    said = said or _("Een moderator verborg woorden en beeld.")
    return said + " " + _("Reden: %(reason)s.", reason=reason_words(p["reason"]))


EVENT_WORDS: EventWords = {
    WordsHidden: _hidden,
    WordsShown: _l("Een moderator liet woorden en beeld weer zien."),
}
REFUSALS: FaultWords = {
    ModerationFault.OWN: _l(
        "Dit is van u, of van iemand van wie u een rol kreeg of die u een rol gaf."
        " Een andere coördinator van dit gebied of een beheerder kan wel oordelen."
    ),
    ModerationFault.SHOWN: _l("Er is hier niets verborgen."),
}
