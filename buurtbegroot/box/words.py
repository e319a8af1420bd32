"""How a ballot box speaks to people: why a ballot does not come in, or nothing is signed, and its log."""

from buurtbegroot.box.actions.ballots import BallotFault
from buurtbegroot.box.domain.keys import KeysFault
from buurtbegroot.box.events import LeavesPublished
from buurtbegroot.rooms import EventWords, FaultWords
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.texts import ngettext, number

REFUSALS: FaultWords = {
    BallotFault.INVALID: _l("Deze keuze past niet op het stembiljet. Kijk haar na."),
    BallotFault.OTHER_BALLOT: _l("Met dit formulier stuurde u al een andere stem in. Die stem ligt in de stembus."),
    KeysFault.NO_KEYS: _l(
        "De sleutels van deze ronde staan niet op de server. Er is niets veranderd. Bel de beheerder."
    ),
    KeysFault.LOG_FORKED: _l(
        "De lijst met stemmen is niet meer de lijst van eerst. Ga niet verder en bel de beheerder."
    ),
}
EVENT_WORDS: EventWords = {
    LeavesPublished: lambda p: ngettext(
        "%(total)s verzegelde stem staat nu in de openbare lijst.",
        "%(total)s verzegelde stemmen staan nu in de openbare lijst.",
        p["leaves"],
        total=number(p["leaves"]),
    ),
}
