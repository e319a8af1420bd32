"""How the log tells what happened to a round."""

from buurtbegroot.rooms import EventWords, Payload
from buurtbegroot.rounds.events import (
    RequestWithdrawn,
    RoundCertified,
    RoundChanged,
    RoundClosed,
    RoundCreated,
    RoundFrozen,
    RoundPublished,
    StepConfirmed,
    StepRequested,
)
from buurtbegroot.rounds.models import DoubleStep
from buurtbegroot.texts import eur
from buurtbegroot.texts import gettext as _
from buurtbegroot.texts import lazy_gettext as _l

_PARTS = {
    "basics": _l("Gebied en geld van de ronde zijn veranderd."),
    "phases": _l("De data van de ronde zijn veranderd."),
    "rules": _l("De regels van de ronde zijn veranderd."),
    "points": _l("De akkoordpunten van de ronde zijn veranderd."),
}
_OTHER_PART = _l("De ronde is veranderd.")
_STEPS = {
    DoubleStep.OPEN.value: _l("de stemming te openen"),
    DoubleStep.CLOSE.value: _l("de stembus te sluiten"),
    DoubleStep.CERTIFY.value: _l("de uitslag vast te stellen"),
    DoubleStep.DESTROY.value: _l("de enveloppen en sleutels te vernietigen"),
}


def _step(p: Payload) -> object:
    return _STEPS.get(p["step"], p["step"])


EVENT_WORDS: EventWords = {
    RoundCreated: _l("Een nieuwe ronde is begonnen als concept."),
    RoundChanged: lambda p: str(_PARTS.get(p["part"], _OTHER_PART)),
    RoundPublished: lambda p: _(
        "De ronde %(title)s is openbaar, met %(amount)s te verdelen.", title=p["title"], amount=eur(p["budget_cents"])
    ),
    StepRequested: lambda p: _("Een organisator vroeg een tweede persoon om %(step)s.", step=_step(p)),
    RequestWithdrawn: lambda p: _("De vraag om %(step)s is ingetrokken.", step=_step(p)),
    StepConfirmed: lambda p: _("Een tweede persoon keurde goed om %(step)s.", step=_step(p)),
    RoundFrozen: lambda p: _(
        "De regels en het stembiljet zijn vastgesteld. Controlecode: %(hash)s…", hash=p["fingerprint"][:16]
    ),
    RoundClosed: _l("De stembus is gesloten."),
    RoundCertified: _l("De uitslag is vastgesteld."),
}
