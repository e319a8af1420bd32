"""How files of inhabitants speak to people."""

from buurtbegroot.population.actions import PopulationFault
from buurtbegroot.population.domain.population_file import Problem, Wrong
from buurtbegroot.population.events import PopulationLoaded, PopulationRemoved
from buurtbegroot.rooms import EventWords, FaultWords
from buurtbegroot.texts import gettext as _
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.texts import number

EVENT_WORDS: EventWords = {
    PopulationLoaded: lambda p: _(
        "Een bestand met inwoners is geladen: %(areas)s gebieden, stand van %(day)s. Bron: %(source)s",
        areas=number(p["areas"]),
        day=p["counted_on"],
        source=p["source"],
    ),
    PopulationRemoved: lambda p: _(
        "Een bestand met inwoners is weggehaald: %(areas)s gebieden, stand van %(day)s. Bron: %(source)s",
        areas=number(p["areas"]),
        day=p["counted_on"],
        source=p["source"],
    ),
}
REFUSALS: FaultWords = {
    PopulationFault.DAY: _l("Kies een dag tussen 2000 en vandaag. Er is niets veranderd."),
    PopulationFault.GONE: _l("Er is geen bestand voor dit gebied. Er is niets veranderd."),
    PopulationFault.ELSEWHERE: _l("%(code)s ligt niet in het gebied van dit bestand. Er is niets veranderd."),
    PopulationFault.NOTHING: _l("In dit bestand staat geen gebied. Er is niets veranderd."),
}
PROBLEMS = {
    Wrong.TOO_LARGE: _l("Het bestand is te groot: meer dan 200 kB. Laat alleen code, inwoners en huishoudens staan."),
    Wrong.NO_TEXT: _l("Dit is geen CSV-bestand in UTF-8. Kies in Excel bij bewaren: CSV UTF-8."),
    Wrong.NO_HEAD: _l(
        "De eerste regel moet de koppen hebben: code;inwoners;huishoudens. Er staat: %(shown)s. Huishoudens mag weg."
    ),
    Wrong.NO_ROWS: _l("Onder de koppen staat niets. Zet daar een regel per gebied."),
    Wrong.TOO_MANY_ROWS: _l("Het bestand heeft meer dan 2.000 regels. Zet er per gebied één regel in."),
    Wrong.CELLS: _l("Regel %(line)s: er zijn meer vakjes dan koppen. Haal weg wat er te veel staat: %(shown)s."),
    Wrong.UNKNOWN: _l(
        "Regel %(line)s, code: %(shown)s is geen gebied van nu. Neem de code van de pagina Gebieden, bijvoorbeeld EA01."
    ),
    Wrong.ELSEWHERE: _l(
        "Regel %(line)s, code: %(shown)s ligt niet in dit gebied. Haal de regel weg of kies een ander gebied."
    ),
    Wrong.TWICE: _l("Regel %(line)s, code: %(shown)s staat er al. Laat één regel staan."),
    Wrong.NUMBER: _l("Regel %(line)s, %(column)s: %(shown)s is geen heel getal tot 5 miljoen. Schrijf het als 1234."),
    Wrong.SAYS_NOTHING: _l("Regel %(line)s: er staat geen getal. Vul het in of haal de regel weg."),
    Wrong.MORE_HOUSEHOLDS: _l(
        "Regel %(line)s, huishoudens: het zijn er meer (%(shown)s) dan inwoners. Kijk of de kolommen verwisseld zijn."
    ),
}


def problem_words(problem: Problem) -> str:
    """Say what is wrong with a file, where, and what to do."""
    return PROBLEMS[problem.wrong] % {"line": problem.line, "column": problem.column, "shown": problem.shown or "–"}
