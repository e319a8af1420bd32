"""How rounds of the past speak to people."""

from buurtbegroot.archive.events import PlanBroughtIn, RoundBroughtIn
from buurtbegroot.archive.policy import ArchiveFault
from buurtbegroot.rooms import EventWords, FaultWords, Payload
from buurtbegroot.texts import eur
from buurtbegroot.texts import gettext as _
from buurtbegroot.texts import lazy_gettext as _l


def _brought_in(p: Payload) -> str:
    said = (
        _("De winnaars zijn nageteld.")
        if p["counted"]
        else _("De winnaars zijn die van het bestand; er is niet nageteld.")
    )
    told = _(
        "De ronde %(title)s van vroeger is uit een bestand overgenomen, met %(amount)s, %(plans)s plannen en "
        "%(ballots)s stembiljetten.",
        title=p["title"],
        amount=eur(p["budget_cents"]),
        plans=p["plans"],
        ballots=p["ballots"],
    )
    return f"{told} {said}"


EVENT_WORDS: EventWords = {
    PlanBroughtIn: lambda p: _(
        "Plan %(number)s is met een ronde van vroeger overgenomen: %(title)s, voor %(amount)s.",
        number=p["number"],
        title=p["title"],
        amount=eur(p["cost_cents"]),
    ),
    RoundBroughtIn: _brought_in,
}
REFUSALS: FaultWords = {
    ArchiveFault.ALREADY: _l("Dit bestand is al overgenomen: het is de ronde %(round)s."),
}
