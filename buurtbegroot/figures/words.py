"""How figures speak to people: what a table is split over, and by what money is divided."""

from buurtbegroot.figures.domain.money import Division, Split
from buurtbegroot.population.domain.people import Measure
from buurtbegroot.texts import lazy_gettext as _l

SPLITS = {
    Split.DISTRICTS: _l("Stadsdelen"),
    Split.GEBIEDEN: _l("Gebieden"),
    Split.WIJKEN: _l("Wijken"),
    Split.BUURTEN: _l("Buurten"),
    Split.THEMES: _l("Thema's"),
    Split.POINTS: _l("Akkoordpunten"),
    Split.YEARS: _l("Jaren"),
    Split.ROUNDS: _l("Rondes"),
}
PER = {
    Split.DISTRICTS: _l("Per stadsdeel"),
    Split.GEBIEDEN: _l("Per gebied"),
    Split.WIJKEN: _l("Per wijk"),
    Split.BUURTEN: _l("Per buurt"),
    Split.THEMES: _l("Per thema"),
    Split.POINTS: _l("Per akkoordpunt"),
    Split.YEARS: _l("Per jaar"),
    Split.ROUNDS: _l("Per ronde"),
}
HEADS = {
    Split.DISTRICTS: _l("Stadsdeel"),
    Split.GEBIEDEN: _l("Gebied"),
    Split.WIJKEN: _l("Wijk"),
    Split.BUURTEN: _l("Buurt"),
    Split.THEMES: _l("Thema"),
    Split.POINTS: _l("Akkoordpunt"),
    Split.YEARS: _l("Jaar"),
    Split.ROUNDS: _l("Ronde"),
}
MEASURES = {
    Measure.NONE: _l("Niet omrekenen"),
    Measure.INHABITANT: _l("Per inwoner"),
    Measure.HOUSEHOLD: _l("Per huishouden"),
}
COLOURS = {
    Measure.NONE: _l("Kleur: hoeveel geld er is toegekend"),
    Measure.INHABITANT: _l("Kleur: hoeveel geld er is toegekend per inwoner"),
    Measure.HOUSEHOLD: _l("Kleur: hoeveel geld er is toegekend per huishouden"),
}
DIVISIONS = {
    Division.BY_PLAN: (
        _l("Gelijk over de punten van elk plan"),
        _l("De maker koos die punten. Koos de maker er geen, dan tellen die van de ronde."),
    ),
    Division.BY_ROUND: (
        _l("Gelijk over de punten van de ronde"),
        _l("Heeft een ronde vier punten, dan krijgt elk punt een kwart."),
    ),
}
