"""Phases, dates, what a round lacks and what became of it, in plain words; its phase is known by its queries."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from buurtbegroot.areas.queries.atlas import Extent
from buurtbegroot.core.phases import Phase, ScheduleFault, ScheduleProblem, Window
from buurtbegroot.core.rules import Ruleset
from buurtbegroot.rooms import EventWords, FaultWords, Payload
from buurtbegroot.rounds.actions import SetupFault
from buurtbegroot.rounds.events import (
    RoundCertified,
    RoundChanged,
    RoundClosed,
    RoundCreated,
    RoundFrozen,
    RoundPublished,
)
from buurtbegroot.rounds.models import PhaseWindow, Round
from buurtbegroot.rounds.queries import Missing, Standing, window_of
from buurtbegroot.rounds.queries.setup import RULES, Moved, moved_in
from buurtbegroot.texts import Text, eur, long_date, ngettext, short_date
from buurtbegroot.texts import gettext as _
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.timezone import AMSTERDAM

PHASE_NAMES: Mapping[Phase, Text] = {
    Phase.PREPARATION: _l("Voorbereiden"),
    Phase.SUBMISSION: _l("Plannen maken en indienen"),
    Phase.COCREATION: _l("Steun en meedenken"),
    Phase.FEASIBILITY: _l("Plannen controleren"),
    Phase.VOTING: _l("Stemmen"),
    Phase.COUNTING: _l("Tellen en uitslag"),
    Phase.REALISATION: _l("Uitvoeren"),
    Phase.FINISHED: _l("Afgerond"),
}


MISSING_WORDS: Mapping[Missing, tuple[Text, str]] = {
    Missing.SUMMARY: (_l("Schrijf waar de ronde over gaat."), "rounds_organiser.basics"),
    Missing.BUURTEN: (_l("Kies welke buurten meedoen."), "rounds_organiser.basics"),
    Missing.MONEY: (_l("Vul in hoeveel geld er is."), "rounds_organiser.basics"),
    Missing.DATES: (_l("Vul in wanneer de stemming is."), "rounds_organiser.phases"),
    Missing.DATES_WRONG: (_l("De data van de fasen kloppen niet met elkaar."), "rounds_organiser.phases"),
    Missing.VOTE_OVER: (_l("De stemming is al voorbij. Kies een later einde."), "rounds_organiser.phases"),
    Missing.RULES: (_l("Kies de regels voor de stemming."), "rules_organiser.show"),
    Missing.RULES_WRONG: (_l("De regels kloppen niet met het geld of de thema's."), "rules_organiser.show"),
    Missing.POINTS: (_l("Kies bij welke punten van het akkoord de ronde hoort."), "rounds_organiser.points"),
}
"""What is missing, and the page of the set-up where it is filled in."""

REFUSALS: FaultWords = {
    SetupFault.FROZEN: _l("De stemming is geopend. Daarom verandert er niets meer aan de ronde."),
    SetupFault.THEME_IN_USE: _l(
        "U haalde een thema weg waar al plannen bij horen. Zet het terug, of geef het een andere naam."
    ),
    SetupFault.NOT_READY: _l("De ronde is nog niet compleet. Hieronder staat wat er nog moet gebeuren."),
    SetupFault.NO_REASON: _l("Schrijf waarom de data veranderen. Iedereen kan dat lezen."),
    SetupFault.OWN: _l(
        "U veranderde deze ronde als laatste, of iemand van wie u een rol kreeg of die u een rol gaf."
        " Een andere coördinator van dit gebied of een beheerder kan haar openbaar maken."
    ),
}


def schedule_problem_words(problem: ScheduleProblem) -> tuple[str, str]:
    """Return the field of the phase that must change, begins or ends, and the reason."""
    name = PHASE_NAMES[problem.phase]
    other = PHASE_NAMES[problem.other] if problem.other else ""
    if problem.fault is ScheduleFault.NO_VOTING:
        return "begins", _("Elke ronde heeft een stemming. Vul in wanneer die begint en eindigt.")
    if problem.fault is ScheduleFault.ENDS_TOO_EARLY:
        return "ends", _("'%(phase)s' eindigt voordat het begint. Kies een later einde.", phase=name)
    if problem.fault is ScheduleFault.OUT_OF_ORDER:
        return "begins", _("'%(phase)s' kan pas na '%(other)s' beginnen.", phase=name, other=other)
    return "begins", _(
        "'%(phase)s' begint terwijl '%(other)s' nog loopt. Kies een later begin.", phase=name, other=other
    )


MOST_POTS_SHOWN = 8

PHASE_ICONS: Mapping[Phase, str] = {
    Phase.PREPARATION: "calendar-event",
    Phase.SUBMISSION: "pencil",
    Phase.COCREATION: "messages",
    Phase.FEASIBILITY: "clipboard-check",
    Phase.VOTING: "checkbox",
    Phase.COUNTING: "trophy",
    Phase.REALISATION: "shovel",
    Phase.FINISHED: "flag",
}


def timeline(round_: Round, phase: Phase, now: datetime) -> list[tuple[str, str, str, str]]:
    """Return the phases with dates as (title, when, icon, state) with state done, now or empty.

    A round that planned no days for counting shows when its outcome was certified.
    """
    rows = [
        (str(PHASE_NAMES[each.phase]), span_words(each), PHASE_ICONS[each.phase], _state(each, phase, now))
        for each in round_.windows
    ]
    if round_.certified_at and window_of(round_, Phase.COUNTING) is None:
        certified, is_now = round_.certified_at, phase is Phase.COUNTING
        row = (_("Uitslag"), long_date(certified), PHASE_ICONS[Phase.COUNTING], "now" if is_now else "done")
        rows.insert(sum(each.begins_at < certified for each in round_.windows), row)
    return rows


def fact_rows(round_: Round, rules: Ruleset | None, standing: Standing) -> list[tuple[str, str]]:
    """Return what a visitor wants to know first, as (term, value); what is unknown is left out."""
    rows = [(_("Te verdelen"), eur(round_.budget_cents))] if round_.pots else []
    if len(round_.pots) > 1:
        rows += [(pot.name, eur(pot.cents)) for pot in round_.pots[:MOST_POTS_SHOWN]]
    if rules and (who := _who(rules)):
        rows.append((_("Wie mag stemmen"), who))
    if standing.phase is Phase.VOTING or standing.is_open:
        rows.append((_("Stemcode"), _("In de brief die u thuis kreeg")))
    voting = window_of(round_, Phase.VOTING)
    if voting and standing.phase is not Phase.VOTING and round_.closed_at is None:
        rows.append((_("Stemmen"), span_words(voting)))
    counting = window_of(round_, Phase.COUNTING)
    if round_.certified_at:
        rows.append((_("Uitslag vastgesteld"), long_date(round_.certified_at)))
    elif counting:
        rows.append((_("Uitslag uiterlijk"), long_date(counting.ends_at)))
    return rows


def _who(rules: Ruleset) -> str:
    age = rules.eligibility.minimum_age
    from_age = _("vanaf %(age)s jaar", age=age) if age is not None else ""
    return ", ".join(part for part in (rules.eligibility.who, from_age) if part)


def place_words(extent: Extent) -> str:
    """Say which part of the city takes part."""
    if extent.level is not None:
        return str(_("Heel %(area)s doet mee.", area=extent.name))
    if not extent.name:
        return str(_("De buurten van deze ronde zijn nog niet gekozen."))
    return str(
        ngettext(
            "%(num)s buurt in %(area)s doet mee.",
            "%(num)s buurten in %(area)s doen mee.",
            extent.buurten,
            area=extent.name,
        )
    )


def span_words(window: PhaseWindow | Window) -> str:
    """Say from when to when: '2 tot en met 30 november 2026', with the hour when it does not end at midnight."""
    begins, ends = window.begins_at.astimezone(AMSTERDAM), window.ends_at.astimezone(AMSTERDAM)
    at_midnight = (ends.hour, ends.minute) == (0, 0)
    last = ends - timedelta(days=1) if at_midnight else ends
    if at_midnight and last.date() <= begins.date():
        return short_date(begins, "d MMMM y")
    start, end = _day(begins, beside=last), short_date(last.date(), "d MMMM y")
    if at_midnight:
        return str(_("%(start)s tot en met %(end)s", start=start, end=end))
    return str(_("%(start)s tot %(end)s, %(time)s uur", start=start, end=end, time=f"{last:%H.%M}"))


def moved_words(moved: Moved) -> str:
    """Say which dates a phase had and has."""
    name, old, new = PHASE_NAMES[moved.phase], moved.old and span_words(moved.old), moved.new and span_words(moved.new)
    if old is None:
        return _("%(phase)s is toegevoegd: %(new)s.", phase=name, new=new)
    if new is None:
        return _("%(phase)s vervalt, dat was %(old)s.", phase=name, old=old)
    return _("%(phase)s was %(old)s en is nu %(new)s.", phase=name, old=old, new=new)


def shorter_words(told: Payload) -> str:
    """Say in which phases residents got less time by a change of dates, and why; empty when in none."""
    shorter = [moved_words(each) for each in moved_in(told["changes"]) if each.is_shorter]
    return " ".join([*shorter, _("Reden: %(reason)s", reason=told["reason"])]) if shorter else ""


def _day(moment: datetime, *, beside: datetime) -> str:
    """Write a day as briefly as the day beside it allows."""
    if moment.year != beside.year:
        return short_date(moment.date(), "d MMMM y")
    return short_date(moment.date(), "d" if moment.month == beside.month else "d MMMM")


def _state(window: PhaseWindow, phase: Phase, now: datetime) -> str:
    if window.phase is phase:
        return "now"
    return "done" if window.ends_at <= now else ""


_PARTS = {
    "basics": _l("Gebied en geld van de ronde zijn veranderd."),
    "phases": _l("De data van de ronde zijn veranderd."),
    "rules": _l("De regels van de ronde zijn veranderd."),
    "points": _l("De akkoordpunten van de ronde zijn veranderd."),
}
_OTHER_PART = _l("De ronde is veranderd.")

_CHANGED = {
    "title": _l("naam"),
    "summary": _l("beschrijving"),
    "contact": _l("contact"),
    "decision_url": _l("webadres van het besluit"),
    "areas": _l("buurten"),
    "themes": _l("thema's"),
    "pots": _l("geld"),
    "accord": _l("akkoordpunten"),
    RULES: _l("regels"),
}


def _changed(told: Payload) -> str:
    """Say what changed; of dates from and to, of money the sums, of the rest its name; the data have it all."""
    changes, said = told["changes"], [str(_PARTS.get(told["part"], _OTHER_PART))]
    names = [str(_CHANGED[name]) for name in changes if name in _CHANGED]
    if told["part"] == "basics" and names:
        said.append(_("Veranderd: %(names)s.", names=", ".join(names)))
    if "pots" in changes:
        old, new = (sum(pot["cents"] for pot in changes["pots"][which]) for which in ("old", "new"))
        said += [_("Te verdelen was %(old)s en is nu %(new)s.", old=eur(old), new=eur(new))] if old != new else []
    if "accord" in changes:
        old, new = (", ".join(map(str, changes["accord"][which])) or "-" for which in ("old", "new"))
        said.append(_("Was: %(old)s. Is nu: %(new)s.", old=old, new=new))
    said += [moved_words(each) for each in moved_in(changes)]
    return " ".join([*said, _("Reden: %(reason)s", reason=told["reason"])] if told["reason"] else said)


EVENT_WORDS: EventWords = {
    RoundCreated: _l("Een nieuwe ronde is begonnen als concept."),
    RoundChanged: _changed,
    RoundPublished: lambda p: _(
        "De ronde %(title)s is openbaar, met %(amount)s te verdelen.", title=p["title"], amount=eur(p["budget_cents"])
    ),
    RoundFrozen: lambda p: _(
        "De regels en het stembiljet zijn vastgesteld. Controlecode: %(hash)s…", hash=p["fingerprint"][:16]
    ),
    RoundClosed: _l("De stembus is gesloten."),
    RoundCertified: _l("De uitslag is vastgesteld."),
}
