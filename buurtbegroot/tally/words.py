"""What an organiser reads when a step of the count is refused, or is not what somebody asked for any more."""

from collections.abc import Iterable, Mapping

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from buurtbegroot.acts import Fault
from buurtbegroot.dual_control.domain import Difference
from buurtbegroot.dual_control.words import ChangedRow, Wording, changed_rows
from buurtbegroot.tally.domain.faults import TallyFault

REFUSALS: Mapping[Fault, LazyString] = {
    TallyFault.NOT_CLOSED: _l("De stembus is nog niet gesloten. Doe dat eerst met zijn tweeën."),
    TallyFault.NOT_OPENED: _l("Nog niet alle enveloppen zijn open. Wacht tot dat klaar is."),
    TallyFault.NOT_COUNTED: _l("De stembiljetten zijn nog niet geteld. Doe dat eerst."),
    TallyFault.ALREADY_COUNTED: _l("De stembiljetten zijn al geteld."),
    TallyFault.ALREADY_DESTROYED: _l("De enveloppen en sleutels zijn al vernietigd."),
    TallyFault.BOX_CHANGED: _l("De stembus is veranderd na het sluiten. Ga niet verder en bel de beheerder."),
    TallyFault.RECOUNT_DIFFERS: _l("Nog een keer tellen geeft een andere uitslag. Ga niet verder en bel de beheerder."),
    TallyFault.SEED_DIFFERS: _l("Het getal voor het lot is niet het beloofde getal. Bel de beheerder."),
}
ACT_LABELS: Mapping[str, LazyString] = {
    "subject": _l("Titel van de ronde"),
    "ends": _l("Stembus dicht"),
    "manifest": _l("Controlecode van het stembiljet"),
    "trace_hash": _l("Controlecode van de telling"),
    "envelopes": _l("Enveloppen"),
    "valid_ballots": _l("Geldige stembiljetten"),
    "defects": _l("Tellen niet mee"),
    "spent_cents": _l("Verdeeld"),
    "left_cents": _l("Over"),
    "winners": _l("Krijgt geld"),
    "winners.title": _l("Titel"),
    "winners.votes": _l("Stemmen"),
    "winners.cents": _l("Bedrag"),
    "certified": _l("Vastgesteld"),
}


def act_changes(found: Iterable[Difference], *, object_: str) -> list[ChangedRow]:
    """Say what is different from when somebody asked to close, certify or destroy."""
    wording = Wording(labels=ACT_LABELS, items={"winners": lambda number: _("Plan %(number)s", number=number)})
    return changed_rows(found, wording, object_=object_)
