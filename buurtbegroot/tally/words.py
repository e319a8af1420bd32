"""What an organiser reads when a step of the count is refused."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from buurtbegroot.tally.faults import TallyFault

NO_KEYS = _l("De sleutels van deze ronde staan niet op de server. Er is niets veranderd. Bel de beheerder.")
FAULT_WORDS: Mapping[TallyFault, LazyString] = {
    TallyFault.NOT_CLOSED: _l("De stembus is nog niet gesloten. Doe dat eerst met zijn tweeën."),
    TallyFault.NOT_OPENED: _l("Nog niet alle enveloppen zijn open. Wacht tot dat klaar is."),
    TallyFault.NOT_COUNTED: _l("De stembiljetten zijn nog niet geteld. Doe dat eerst."),
    TallyFault.ALREADY_COUNTED: _l("De stembiljetten zijn al geteld."),
    TallyFault.ALREADY_DESTROYED: _l("De enveloppen en sleutels zijn al vernietigd."),
    TallyFault.BOX_CHANGED: _l("De stembus is veranderd na het sluiten. Ga niet verder en bel de beheerder."),
    TallyFault.RECOUNT_DIFFERS: _l("Nog een keer tellen geeft een andere uitslag. Ga niet verder en bel de beheerder."),
    TallyFault.SEED_DIFFERS: _l("Het getal voor het lot is niet het beloofde getal. Bel de beheerder."),
    TallyFault.NO_KEYS: NO_KEYS,
    TallyFault.LOG_FORKED: _l(
        "Het openbare logboek van deze stembus is niet het logboek dat eerder is ondertekend. "
        "Ga niet verder en bel de beheerder."
    ),
}
