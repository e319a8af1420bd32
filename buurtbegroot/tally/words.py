"""What an organiser reads when a step of the count is refused or not as asked for, and how the log tells the count."""

from collections.abc import Iterable, Mapping

from buurtbegroot.dual_control.domain import Difference
from buurtbegroot.dual_control.words import ChangedRow, Wording, changed_rows
from buurtbegroot.rooms import EventWords, FaultWords, Payload
from buurtbegroot.tally.events import (
    CertifiedWithLoss,
    CountBegunAgain,
    LossesExplained,
    RoundCounted,
    RoundRecounted,
    SecretsDestroyed,
)
from buurtbegroot.tally.policy import TallyFault
from buurtbegroot.texts import Text, ngettext, number
from buurtbegroot.texts import gettext as _
from buurtbegroot.texts import lazy_gettext as _l

REFUSALS: FaultWords = {
    TallyFault.NOT_CLOSED: _l("De stembus is nog niet gesloten. Doe dat eerst met zijn tweeën."),
    TallyFault.NOT_OPENED: _l("Nog niet alle enveloppen zijn open. Wacht tot dat klaar is."),
    TallyFault.NOT_COUNTED: _l("De stembiljetten zijn nog niet geteld. Doe dat eerst."),
    TallyFault.ALREADY_COUNTED: _l("De stembiljetten zijn al geteld."),
    TallyFault.ALREADY_DESTROYED: _l("Dit is al vernietigd."),
    TallyFault.BOX_CHANGED: _l("De stembus is veranderd na het sluiten. Ga niet verder en bel de beheerder."),
    TallyFault.RECOUNT_DIFFERS: _l("Nog een keer tellen geeft een andere uitslag. Ga niet verder en bel de beheerder."),
    TallyFault.NO_REASON: _l("Schrijf waarom u de uitslag toch vaststelt. Iedereen kan dat lezen."),
    TallyFault.NO_SUCH_COPY: _l("Er is geen kopie met dit nummer, of zij is al vernietigd."),
    TallyFault.SEED_DIFFERS: _l("Het getal voor het lot is niet het beloofde getal. Bel de beheerder."),
}
ACT_LABELS: Mapping[str, Text] = {
    "subject": _l("Titel van de ronde"),
    "ends": _l("Stembus dicht"),
    "manifest": _l("Controlecode van het stembiljet"),
    "trace_hash": _l("Controlecode van de telling"),
    "bundle": _l("Controlecode van het controlebestand"),
    "envelopes": _l("Enveloppen"),
    "valid_ballots": _l("Geldige stembiljetten"),
    "replaced": _l("Vervangen of vervallen"),
    "refused": _l("Geweigerd"),
    "strangers": _l("Niet van deze server"),
    "gone": _l("Verdwenen na een nachtzegel"),
    "spent_cents": _l("Verdeeld"),
    "left_cents": _l("Over"),
    "winners": _l("Krijgt geld"),
    "winners.title": _l("Titel"),
    "winners.language": _l("Taal"),
    "winners.votes": _l("Stemmen"),
    "winners.cents": _l("Bedrag"),
    "certified": _l("Vastgesteld"),
    "closed": _l("Stembus gesloten"),
}


def act_changes(found: Iterable[Difference], *, object_: str) -> list[ChangedRow]:
    """Say what is different from when somebody asked to close, certify or destroy."""
    wording = Wording(labels=ACT_LABELS, items={"winners": lambda number: _("Plan %(number)s", number=number)})
    return changed_rows(found, wording, object_=object_)


def _counted(p: Payload) -> str:
    many = ngettext(
        "%(total)s stembiljet is geteld.",
        "%(total)s stembiljetten zijn geteld.",
        p["ballots"],
        total=number(p["ballots"]),
    )
    return many + " " + _("Controlecode: %(hash)s…", hash=p["trace"][:16])


EVENT_WORDS: EventWords = {
    RoundCounted: _counted,
    RoundRecounted: lambda p: (
        _("Er is opnieuw geteld. De uitslag is precies dezelfde.")
        if p["same"]
        else _("Er is opnieuw geteld. De uitslag is anders dan de eerste.")
    ),
    CertifiedWithLoss: lambda p: ngettext(
        "De uitslag is vastgesteld, ook al is %(num)s verzegelde envelop verdwenen. Reden: %(reason)s",
        "De uitslag is vastgesteld, ook al zijn %(num)s verzegelde enveloppen verdwenen. Reden: %(reason)s",
        p["envelopes"],
        reason=p["reason"],
    ),
    CountBegunAgain: _l(
        "De telling begint opnieuw. De server opent alle enveloppen nog een keer uit de gesloten stembus."
        " Wat eerder was geteld, telt niet meer."
    ),
    LossesExplained: lambda p: ngettext(
        "Voor %(num)s plan zonder geld is uitgerekend wat genoeg was geweest.",
        "Voor %(num)s plannen zonder geld is uitgerekend wat genoeg was geweest.",
        p["plans"],
    ),
    SecretsDestroyed: _l("De enveloppen en de sleutels van de ronde zijn vernietigd."),
}
