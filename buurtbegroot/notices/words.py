"""What makers read of their plans; a mail is short, its page tells the rest."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from buurtbegroot.core.methods import Method
from buurtbegroot.core.tally.trace import WINNING, Verdict
from buurtbegroot.notices.models import Kind
from buurtbegroot.texts import eur, long_datetime, ngettext, number
from buurtbegroot.texts import gettext as _

Told = Mapping[str, Any]


def notice_subject(told: Told) -> str:
    """Return the subject of a mail, by the number of the plan."""
    return _SUBJECTS[Kind(told["kind"])](told) % {"number": told["number"]}


def notice_words(told: Told) -> str:
    """Return what a mail says, in paragraphs with an empty line between them."""
    return _WORDS[Kind(told["kind"])](told, _about(told))


def outcome_reason(facts: Told) -> str:
    """Say in one or two sentences why a plan won or lost, empty when that is not public."""
    if "rank" not in facts:
        return ""
    place = _("Plaats %(rank)s van %(plans)s, met %(votes)s stemmen.")
    said = place % {name: number(facts[name]) for name in ("rank", "plans", "votes")}
    return " ".join(filter(None, (said, _REASONS[Verdict(facts["verdict"])](facts))))


def _about(told: Told) -> dict[str, str]:
    return {"plan": told["plan"], "round": told["round"]}


def _ballot(told: Told, about: Told) -> str:
    begins, ends = (long_datetime(datetime.fromisoformat(told["facts"][name])) for name in ("begins", "ends"))
    return "\n\n".join(
        (
            _("Uw plan %(plan)s in %(round)s staat op het stembiljet.", **about),
            _("Stemmen kan van %(begins)s tot %(ends)s.", begins=begins, ends=ends),
        )
    )


def _outcome(told: Told, about: Told) -> str:
    facts = told["facts"]
    shown = {**about, "sum": eur(facts["awarded_cents"]), "cost": eur(facts["cost_cents"])}
    if facts["verdict"] not in WINNING:
        head = _("Uw plan %(plan)s in %(round)s krijgt geen geld.", **about)
    elif facts["verdict"] == Verdict.PARTLY_FUNDED:
        head = _("Uw plan %(plan)s in %(round)s krijgt een deel van het geld: %(sum)s van de %(cost)s.", **shown)
    else:
        head = _("Uw plan %(plan)s in %(round)s krijgt geld: %(sum)s.", **shown)
    return "\n\n".join(filter(None, (head, outcome_reason(facts))))


def _unjudged(told: Told, about: Told) -> str:  # noqa: ARG001 - one of a kind
    return "\n\n".join(
        (
            _("De tijd om plannen te controleren is voorbij. Over uw plan %(plan)s in %(round)s is nog niet besloten.")
            % about,
            _("De stembus gaat pas open als over elk plan is besloten. U krijgt mail zodra over uw plan is besloten."),
        )
    )


def _not_held(told: Told, about: Told) -> str:
    if told["is_judged"]:
        stood = _("Uw plan %(plan)s in %(round)s kon op het stembiljet.", **about)
    else:
        stood = _("Over uw plan %(plan)s in %(round)s is niet besloten.", **about)
    over = _("De tijd om te stemmen is voorbij, en de stembus is nooit opengegaan.")
    more = _("Komen er nieuwe datums om te stemmen, dan staan die op de pagina van de ronde.")
    return f"{stood} {over}\n\n{more}"


def _outcome_subject(told: Told) -> str:
    verdict = Verdict(told["facts"]["verdict"])
    if verdict is Verdict.PARTLY_FUNDED:
        return _("Plan %(number)s krijgt een deel van het geld")
    return _("Plan %(number)s krijgt geld") if verdict in WINNING else _("Plan %(number)s krijgt geen geld")


def _does_not_fit(facts: Told) -> str:
    if facts["left_cents"] is not None:
        return _("Toen dit plan aan de beurt was, was er %(short)s te weinig.", short=eur(facts["short_cents"]))
    if facts["method"] == Method.WELFARE:
        return _("Andere plannen zijn voor hetzelfde geld samen meer waard.")
    return _("Er was niet genoeg geld meer.")


def _below_threshold(facts: Told) -> str:
    needed = ngettext("Nodig is %(num)s stem.", "Nodig zijn %(num)s stemmen.", facts["votes_needed"])
    short = facts["votes_short"]
    lacking = ngettext("Dit plan heeft er %(num)s te weinig.", "Dit plan heeft er %(num)s te weinig.", short)
    return f"{needed} {lacking}"


def _too_dear(facts: Told) -> str:
    return ngettext(
        "Voor een plan van deze prijs heeft het %(num)s stem te weinig.",
        "Voor een plan van deze prijs heeft het %(num)s stemmen te weinig.",
        facts["votes_short"],
    )


def _after_stop(facts: Told) -> str:
    if facts["left_cents"]:
        return _("De telling was al gestopt: er was nog %(left)s.", left=eur(facts["left_cents"]))
    return _("De telling was al gestopt: al het geld was verdeeld.")


def _not_affordable(facts: Told) -> str:
    if facts["supporters_cents"] is None:
        return _("Zijn stemmers hadden samen te weinig geld.")
    left, cost = eur(facts["supporters_cents"]), eur(facts["cost_cents"])
    return _("Aan het eind hadden zijn stemmers samen nog %(left)s. Het plan kost %(cost)s.", left=left, cost=cost)


def _cap_full(facts: Told) -> str:
    return _(
        "Voor zijn thema of gebied was een grens. Dit plan gaat daar %(short)s overheen.",
        short=eur(facts["short_cents"]),
    )


_SUBJECTS: Mapping[Kind, Callable[[Told], str]] = {
    Kind.BALLOT: lambda _told: _("Plan %(number)s staat op het stembiljet"),
    Kind.OUTCOME: _outcome_subject,
    Kind.UNJUDGED: lambda _told: _("Over plan %(number)s is nog niet besloten"),
    Kind.NOT_HELD: lambda _told: _("Over plan %(number)s is niet gestemd"),
}
_WORDS = {Kind.BALLOT: _ballot, Kind.OUTCOME: _outcome, Kind.UNJUDGED: _unjudged, Kind.NOT_HELD: _not_held}
_REASONS: Mapping[Verdict, Callable[[Told], str]] = {
    Verdict.FUNDED: lambda _facts: "",
    Verdict.TOPPED_UP: lambda _facts: "",
    Verdict.PARTLY_FUNDED: lambda _facts: _("Voor het hele plan was niet genoeg geld meer."),
    Verdict.DOES_NOT_FIT: _does_not_fit,
    Verdict.BELOW_THRESHOLD: _below_threshold,
    Verdict.CAP_FULL: _cap_full,
    Verdict.INCOMPATIBLE: lambda _facts: _("Het kan niet samen met een ander plan, dat al geld krijgt."),
    Verdict.NEEDS_OTHER: lambda _facts: _("Het kan alleen samen met een ander plan, en dat krijgt geen geld."),
    Verdict.AFTER_STOP: _after_stop,
    Verdict.TOO_DEAR_FOR_SUPPORT: _too_dear,
    Verdict.NOT_AFFORDABLE: _not_affordable,
    Verdict.NOT_NAMED: lambda _facts: "",
    Verdict.NOT_CHOSEN: lambda _facts: _("Er was geen stem op dit plan."),
}
