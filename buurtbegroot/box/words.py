"""How a ballot box speaks to people: why a ballot does not come in, or nothing is signed, and its log."""

from buurtbegroot.box.domain.anchors import KeysFault
from buurtbegroot.box.domain.ballots import BallotFault
from buurtbegroot.box.domain.published import BundleFault
from buurtbegroot.box.events import BoxSealed, BoxShut, EnvelopesOpened, PlanWithdrawn
from buurtbegroot.core.receipts import MOST_REV
from buurtbegroot.rooms import EventWords, FaultWords, Payload
from buurtbegroot.texts import gettext as _
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.texts import ngettext, number

REFUSALS: FaultWords = {
    BallotFault.INVALID: _l("Deze keuze past niet op het stembiljet. Kijk haar na."),
    BallotFault.OTHER_BALLOT: _l("Met dit formulier stuurde u al een andere stem in. Die stem ligt in de stembus."),
    BallotFault.OTHER_REVISION: lambda refusal: (
        _("Met uw code is intussen al gestemd. Wilt u die stem vervangen? Stuur uw stem dan nog een keer in.")
        if refusal.facts.get("rev")
        else _("Er ligt geen stem van u meer in de stembus. Stuur uw stem nog een keer in, en laat het ons weten.")
    ),
    BallotFault.TOO_OFTEN: lambda _refusal: _(
        "Met deze code is al %(times)s keer gestemd. Vaker kan niet. De laatste stem telt.", times=number(MOST_REV)
    ),
    BundleFault.NOT_SIGNED: _l("Het logboek is nog niet getekend. Probeer het over een minuut opnieuw."),
    BundleFault.NO_BUNDLE: _l("Het controlebestand is nog niet gemaakt. Wacht tot dat klaar is."),
    BundleFault.FAULTY: _l("Het controlebestand klopt niet. Stel niets vast en bel de beheerder."),
    BundleFault.OTHER: _l("Het controlebestand is niet meer het bestand van eerst. Maak het opnieuw."),
    BundleFault.TOO_EARLY: _l(
        "De uitslag vaststellen kan nog niet. Iedereen krijgt eerst tijd om de telling na te kijken."
    ),
    BundleFault.FINAL: _l("De uitslag is al vastgesteld. Het controlebestand ligt vast."),
    KeysFault.NO_KEYS: _l(
        "De sleutels van deze ronde staan niet op de server. Er is niets veranderd. Bel de beheerder."
    ),
    KeysFault.PUT_BACK: _l(
        "De stembus is teruggezet uit een reservekopie. Zij is nu niet in gebruik. Twee organisatoren kijken eerst wat"
        " er ontbreekt. Probeer het later opnieuw."
    ),
    KeysFault.DIFFERS: _l(
        "Iets aan deze stembus is niet meer zoals het is vastgelegd. Ga niet verder en bel de beheerder."
    ),
}


def _opened(p: Payload) -> str:
    said = _(
        "De enveloppen zijn geopend: %(envelopes)s in totaal, %(ballots)s stemmen tellen mee.",
        envelopes=number(p["envelopes"]),
        ballots=number(p["ballots"]),
    )
    if not p["gone"]:
        return said
    lost = ngettext(
        "%(total)s verzegelde envelop is verdwenen.",
        "%(total)s verzegelde enveloppen zijn verdwenen.",
        p["gone"],
        total=number(p["gone"]),
    )
    return f"{said} {lost}"


EVENT_WORDS: EventWords = {
    BoxSealed: _l("De stembus is voor deze nacht verzegeld."),
    PlanWithdrawn: lambda p: _(
        "Plan %(number)s is van het open stembiljet gehaald en kan niet meer winnen. Reden: %(reason)s",
        number=p["number"],
        reason=p["reason"],
    ),
    BoxShut: lambda p: ngettext(
        "De stembus ging dicht met %(total)s envelop erin.",
        "De stembus ging dicht met %(total)s enveloppen erin.",
        p["envelopes"],
        total=number(p["envelopes"]),
    ),
    EnvelopesOpened: _opened,
}
