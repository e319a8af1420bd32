"""How far a round is, what it lacks and what became of it, in plain words; how far it is follows from its standing."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from buurtbegroot.areas.queries.atlas import Extent
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.audit.words import told
from buurtbegroot.core.phases import Phase, ScheduleFault, ScheduleProblem, Window
from buurtbegroot.core.rules import Ruleset
from buurtbegroot.core.standing import BEFORE_VOTE, Stage, Standing
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
from buurtbegroot.rounds.queries import Missing, schedule_of, window_of
from buurtbegroot.rounds.queries.setup import RULES, Moved, moved_in
from buurtbegroot.texts import Text, eur, long_date, long_datetime, ngettext, short_date
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
    SetupFault.BUURT_IN_USE: _l("U haalde een buurt weg waar al plannen bij horen. Laat die buurt meedoen."),
    SetupFault.NOT_READY: _l("De ronde is nog niet compleet. Hieronder staat wat er nog moet gebeuren."),
    SetupFault.NO_REASON: _l("Schrijf waarom de data veranderen. Iedereen kan dat lezen."),
    SetupFault.LESS_TIME: _l("Bewoners krijgen minder tijd. Vink aan dat u dit wilt."),
    SetupFault.OWN: _l(
        "U werkte mee aan deze ronde, of iemand van wie u een rol kreeg of die u een rol gaf."
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
REASONS_SHOWN = 3
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


class Mark(NamedTuple):
    """A stage in a few words, as components/marks.html shows it."""

    text: Text
    icon: str
    kind: str


class Lines(NamedTuple):
    """Two lines about a stage: the second as it is without a moment, and with one. No headline is: what is left."""

    headline: Text | None
    plain: Text | None = None
    dated: Text | None = None


class Said(NamedTuple):
    """A standing in words: its mark, how much time is left if that matters, and two lines."""

    mark: Mark
    left: str
    headline: str
    detail: str


MARKS: Mapping[Stage, Mark] = {
    Stage.CONCEPT: Mark(_l("Concept"), "pencil", "line"),
    Stage.PREPARATION: Mark(_l("Nog niet begonnen"), "calendar-event", "line"),
    Stage.SUBMISSION: Mark(_l("Nu plannen maken"), "pencil", "ok"),
    Stage.COCREATION: Mark(_l("Plannen verbeteren"), "messages", "ok"),
    Stage.FEASIBILITY: Mark(_l("Plannen controleren"), "clipboard-check", "info"),
    Stage.WAITING: Mark(_l("Tussen twee stappen"), "clock-pause", "line"),
    Stage.OPENED: Mark(_l("Stembus staat klaar"), "clock", "info"),
    Stage.VOTING: Mark(_l("Nu stemmen"), "checkbox", "vote"),
    Stage.LATE: Mark(_l("Nog niet gestemd"), "clock-pause", "warn"),
    Stage.ENDED: Mark(_l("Stemmen is voorbij"), "lock", "info"),
    Stage.COUNTING: Mark(_l("Stemmen worden geteld"), "list-numbers", "info"),
    Stage.NO_BALLOTS: Mark(_l("Er is niet gestemd"), "circle-x", "line"),
    Stage.RESULT: Mark(_l("Uitslag bekend"), "trophy", "accent"),
    Stage.NOT_HELD: Mark(_l("Er is niet gestemd"), "circle-x", "line"),
}
_PLANNED = _l("%(phase)s: gepland vanaf %(moment)s")
LINES: Mapping[Stage, Lines] = {
    Stage.CONCEPT: Lines(_l("Nog niet openbaar"), _l("Alleen organisatoren zien deze ronde.")),
    Stage.PREPARATION: Lines(_l("Nog niet begonnen"), _l("Er is nog geen datum."), _PLANNED),
    Stage.SUBMISSION: Lines(None, dated=_l("Plannen indienen kan tot %(moment)s")),
    Stage.COCREATION: Lines(None, dated=_l("Makers kunnen hun plan verbeteren tot %(moment)s")),
    Stage.FEASIBILITY: Lines(None, dated=_l("De gemeente controleert de plannen tot %(moment)s")),
    Stage.WAITING: Lines(_l("Wacht op de volgende stap"), _l("Er is nog geen datum."), _PLANNED),
    Stage.OPENED: Lines(_l("Regels en plannen liggen vast"), dated=_l("Stemmen kan vanaf %(moment)s")),
    Stage.VOTING: Lines(None, dated=_l("Stemmen kan tot %(moment)s")),
    Stage.LATE: Lines(_l("Er is nog niet gestemd"), _l("Twee mensen moeten de stembus nog openen.")),
    Stage.ENDED: Lines(_l("Het stemmen is voorbij"), _l("Twee mensen moeten de stembus nog sluiten.")),
    Stage.COUNTING: Lines(
        _l("Wij tellen de stemmen"), _l("Daarna staat de uitslag hier."), _l("Uitslag uiterlijk op %(moment)s")
    ),
    Stage.NO_BALLOTS: Lines(_l("Er is niet gestemd"), _l("De stembus was leeg toen hij dichtging.")),
    Stage.RESULT: Lines(_l("Uitslag bekend"), _l("De uitslag ligt vast.")),
    Stage.NOT_HELD: Lines(_l("Er is niet gestemd"), _l("De stembus is nooit opengegaan.")),
}
NOT_VOTED = {Stage.LATE, Stage.NO_BALLOTS, Stage.NOT_HELD}
AFTER_VOTE = {Phase.COUNTING, Phase.REALISATION}


def in_words(standing: Standing) -> Said:
    """Say how far a round is."""
    mark, lines = MARKS[standing.stage], LINES[standing.stage]
    left = left_words(standing.left) if standing.left and lines.headline is None else ""
    if standing.until and lines.dated:
        shown = {"moment": long_datetime(standing.until)}
        shown |= {"phase": str(PHASE_NAMES[standing.next])} if standing.next else {}
        detail = lines.dated % shown
    else:
        detail = str(lines.plain or "")
    return Said(mark, left, str(lines.headline or left.capitalize()), detail)


def left_words(left: timedelta) -> str:
    """Say how much time is left: in days from two days on, in hours from two hours on, else in minutes."""
    minutes = max(1, int(left.total_seconds() // 60))
    if minutes < 2 * 60:
        return ngettext("nog %(num)s minuut", "nog %(num)s minuten", minutes)
    if minutes < 2 * 24 * 60:
        return ngettext("nog %(num)s uur", "nog %(num)s uur", minutes // 60)
    return ngettext("nog %(num)s dag", "nog %(num)s dagen", minutes // (24 * 60))


def sentences(standing: Standing) -> str:
    """Say how far a round is in running text."""
    said = in_words(standing)
    return " ".join(f"{part.removesuffix('.')}." for part in (said.headline, said.detail) if part)


def timeline(round_: Round, standing: Standing) -> list[tuple[str, str, str, str]]:
    """Return the phases with dates as (title, when, icon, state) with state done, now or empty.

    A round that planned no days for counting shows when its outcome was certified. Without votes nothing comes after.
    """
    ends_early = standing.stage in {Stage.NO_BALLOTS, Stage.NOT_HELD}
    rows = [
        (str(PHASE_NAMES[each.phase]), _when(each, standing), PHASE_ICONS[each.phase], _state(each.phase, standing))
        for each in round_.windows
        if not (ends_early and each.phase in AFTER_VOTE)
    ]
    certified_at = None if round_.archive else round_.certified_at  # of a past vote the day is not known
    if standing.is_certified and certified_at and window_of(round_, Phase.COUNTING) is None:
        is_now = standing.phase is Phase.COUNTING
        certified = long_date(certified_at)
        row = (_("Uitslag"), certified, PHASE_ICONS[Phase.COUNTING], "now" if is_now else "done")
        rows.insert(sum(each.phase not in AFTER_VOTE for each in round_.windows), row)
    return rows


def fact_rows(
    round_: Round, rules: Ruleset | None, standing: Standing, *, by_letter: bool = False
) -> list[tuple[str, str]]:
    """Return what a visitor wants to know first, as (term, value); what is unknown is left out.

    `by_letter` says that codes were made that people get by letter.
    """
    rows = [(_("Te verdelen"), eur(round_.budget_cents))] if round_.pots else []
    if len(round_.pots) > 1:
        rows += [(pot.name, eur(pot.cents)) for pot in round_.pots[:MOST_POTS_SHOWN]]
    if rules and (who := _who(rules)):
        rows.append((_("Wie mag stemmen"), who))
    if standing.takes_votes and by_letter:
        rows.append((_("Stemcode"), _("In de brief die u thuis kreeg")))
    if standing.stage in NOT_VOTED or standing.may_close:
        rows.append((_("Stemmen"), sentences(standing)))
    elif (voting := window_of(round_, Phase.VOTING)) and round_.closed_at is None:
        rows.append((_("Stemmen"), span_words(voting)))
    if round_.certified_at and not round_.archive:
        rows.append((_("Uitslag vastgesteld"), long_date(round_.certified_at)))
    elif standing.stage is Stage.COUNTING and standing.until:
        rows.append((_("Uitslag uiterlijk"), long_datetime(standing.until)))
    return rows


def span_words(window: PhaseWindow | Window) -> str:
    """Say from when to when: '2 tot en met 30 november 2026', with the hours when it does not end at midnight."""
    begins, ends = window.begins_at.astimezone(AMSTERDAM), window.ends_at.astimezone(AMSTERDAM)
    at_midnight = (ends.hour, ends.minute) == (0, 0)
    last = ends - timedelta(days=1) if at_midnight else ends
    if at_midnight and last.date() <= begins.date():
        return short_date(begins, "d MMMM y")
    start, end, time = _day(begins, beside=last), short_date(last.date(), "d MMMM y"), f"{last:%H.%M}"
    if at_midnight:
        return str(_("%(start)s tot en met %(end)s", start=start, end=end))
    if begins.date() == last.date():
        return str(_("%(day)s, %(start)s tot %(end)s uur", day=end, start=f"{begins:%H.%M}", end=time))
    return str(_("%(start)s tot %(end)s, %(time)s uur", start=start, end=end, time=time))


def moved_words(moved: Moved) -> str:
    """Say which dates a phase had and has."""
    name, old, new = PHASE_NAMES[moved.phase], moved.old and span_words(moved.old), moved.new and span_words(moved.new)
    if old is None:
        return _("%(phase)s is toegevoegd: %(new)s.", phase=name, new=new)
    if new is None:
        return _("%(phase)s vervalt, dat was %(old)s.", phase=name, old=old)
    return _("%(phase)s was %(old)s en is nu %(new)s.", phase=name, old=old, new=new)


class Shortened(NamedTuple):
    """A phase in which residents have less time than was announced, in words, with the lines of the log that say so."""

    told: str
    entries: list[AuditEntry]


def shortened(round_: Round, changes: Iterable[AuditEntry]) -> list[Shortened]:
    """Say which phases are shorter than ever was announced, and why; `changes` are those of dates, newest first.

    Each phase is told of once, from the most that was announced: many small steps hide no large one.
    """
    current = {window.phase: window for window in schedule_of(round_)}
    found: dict[Phase, list[tuple[AuditEntry, Window]]] = {}
    for entry in changes:
        for moved in told(entry, lambda payload: moved_in(payload["changes"])) or ():
            since = moved._replace(new=current.get(moved.phase))
            if moved.old and moved.is_shorter and since.is_shorter:
                found.setdefault(moved.phase, []).append((entry, moved.old))
    return [_shortened(phase, steps, now=current.get(phase)) for phase, steps in found.items()]


def _shortened(phase: Phase, steps: list[tuple[AuditEntry, Window]], *, now: Window | None) -> Shortened:
    entries = [entry for entry, _window in steps][:REASONS_SHOWN]
    most = max((window for _entry, window in steps), key=lambda window: (window.ends_at, -window.begins_at.timestamp()))
    reasons = dict.fromkeys(str((entry.public_payload or {}).get("reason", "")) for entry in entries)
    why = _("Reden: %(reason)s", reason=" / ".join(filter(None, reasons)))
    return Shortened(f"{moved_words(Moved(phase, most, now))} {why}", entries)


def _who(rules: Ruleset) -> str:
    age = rules.eligibility.minimum_age
    from_age = _("vanaf %(age)s jaar", age=age) if age is not None else ""
    return ", ".join(part for part in (rules.eligibility.who, from_age) if part)


def _day(moment: datetime, *, beside: datetime) -> str:
    """Write a day as briefly as the day beside it allows."""
    if moment.year != beside.year:
        return short_date(moment.date(), "d MMMM y")
    return short_date(moment.date(), "d" if moment.month == beside.month else "d MMMM")


def _when(window: PhaseWindow, standing: Standing) -> str:
    """Say when a phase is, unless its time is past and people have not got so far."""
    if window.phase is Phase.VOTING and standing.stage in NOT_VOTED:
        return in_words(standing).headline
    can_keep = standing.coming if window.phase is Phase.REALISATION else standing.coming | standing.running
    is_late = window.phase in AFTER_VOTE and window.phase not in can_keep and not standing.is_certified
    return str(_("later dan gepland")) if is_late else span_words(window)


def _state(phase: Phase, standing: Standing) -> str:
    if phase.value == standing.stage.value or (standing.is_certified and phase is Phase.REALISATION is standing.phase):
        return "now"
    if phase in BEFORE_VOTE:
        is_done = phase in standing.over
    elif phase is Phase.VOTING:
        is_done = standing.stage in {Stage.ENDED, Stage.COUNTING, Stage.RESULT}
    else:
        is_done = standing.is_certified and (phase is Phase.COUNTING or phase in standing.over)
    return "done" if is_done else ""


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
    "support_needed": _l("hoeveel steun een plan nodig heeft"),
    "support_secret": _l("of de steun geheim is tot het einde"),
    "read_first": _l("welke reacties een moderator eerst leest"),
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
        "De regels en het stembiljet liggen vast. Controlecode: %(hash)s…", hash=p["fingerprint"][:16]
    ),
    RoundClosed: _l("De stembus is gesloten."),
    RoundCertified: _l("De uitslag is vastgesteld."),
}
