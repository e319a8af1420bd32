"""How long files speak to people."""

from buurtbegroot.exports.policy import ExportFault
from buurtbegroot.rooms import FaultWords
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.work.words import why_not

REFUSALS: FaultWords = {
    ExportFault.MANY: _l("U heeft al %(most)s bestanden. Gooi er eerst één weg."),
    ExportFault.DISK_FULL: _l("De schijf was vol. Er is niets half bewaard."),
    ExportFault.LONG: _l("Dat zijn te veel keuzes voor één bestand. Kies er minder, of kies alles."),
    ExportFault.OUTDATED: _l("Er is daarna een tekst verborgen of verwijderd. Maak het bestand opnieuw."),
}


def why_not_made(reason: str) -> str:
    """Return in words why a file could not be made."""
    return why_not(reason, REFUSALS)
