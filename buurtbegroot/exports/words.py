"""How long files speak to people."""

from collections.abc import Iterator, Mapping

from buurtbegroot.datasets.domain.description import Choice, DataSet, Filter
from buurtbegroot.datasets.queries import DATA_SETS
from buurtbegroot.exports.policy import ExportFault
from buurtbegroot.exports.queries import Standing
from buurtbegroot.rooms import FaultWords
from buurtbegroot.texts import gettext as _
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.texts import ngettext
from buurtbegroot.work.words import why_not

MOST_NAMED = 4
"""How many areas or rounds of a choice are named."""
REFUSALS: FaultWords = {
    ExportFault.MANY: _l("U heeft al %(most)s bestanden. Gooi er eerst één weg."),
    ExportFault.DISK_FULL: _l("De schijf was vol. Er is niets half bewaard."),
    ExportFault.LONG: _l("Dat zijn te veel keuzes voor één bestand. Kies er minder, of kies alles."),
    ExportFault.OUTDATED: _l("Er is daarna een tekst verborgen of verwijderd. Maak het bestand opnieuw."),
}


def why_not_made(reason: str) -> str:
    """Return in words why a file could not be made."""
    return why_not(reason, REFUSALS)


def choice_words(file: Standing, names: Mapping[str, str]) -> str:
    """Return in words which rows and columns a file has; `names` are those of areas and rounds, by code."""
    return " · ".join(_chosen(DATA_SETS[file.export.data_set], file.choice, names))


def _chosen(data_set: DataSet, choice: Choice, names: Mapping[str, str]) -> Iterator[str]:
    if Filter.DISTRICT in data_set.filters:
        yield _named(choice.districts, names) or _("Alle stadsdelen")
        if choice.areas:
            yield _named(choice.areas, names)
        if choice.whole:
            yield _("Ook wat voor het hele gebied is")
        yield ", ".join(map(str, sorted(choice.years))) or _("Alle jaren")
    if choice.rounds:
        yield _named(choice.rounds, names)
    if choice.states:
        yield ", ".join(str(data_set.by_name[data_set.state].codes[state]) for state in choice.states)
    number = len(choice.columns)
    yield ngettext("%(num)s kolom", "%(num)s kolommen", number) if number else _("Alle kolommen")


def _named(codes: tuple[str, ...], names: Mapping[str, str]) -> str:
    """Return the first names of a choice, and how many more there are."""
    more = len(codes) - MOST_NAMED
    told = ", ".join(names.get(code, code) for code in codes[:MOST_NAMED])
    return _("%(names)s en nog %(number)s", names=told, number=more) if more > 0 else told
