"""Sentences about ballots and opening a vote in the reader's language; what is wrong is found elsewhere."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from buurtbegroot.acts import Fault, RefusedError
from buurtbegroot.booth.actions.casting import CastFault
from buurtbegroot.booth.actions.opening import OpeningFault, WithdrawFault
from buurtbegroot.booth.domain import Basket
from buurtbegroot.booth.events import BoxOpened
from buurtbegroot.booth.queries import Missing
from buurtbegroot.core.ballots import Invalidity, Reason
from buurtbegroot.core.rules import BallotRules, Limits
from buurtbegroot.dual_control.domain import Difference
from buurtbegroot.dual_control.words import ChangedRow, Wording, changed_rows
from buurtbegroot.rooms import EventWords
from buurtbegroot.texts import Text, eur, ngettext, number
from buurtbegroot.texts import gettext as _
from buurtbegroot.texts import lazy_gettext as _l

Names = Mapping[str, str]

REFUSALS: dict[Fault, Text | Callable[[RefusedError], str]] = {
    CastFault.BOX_CLOSED: _l("De stembus is dicht. Er is niets ingestuurd."),
    CastFault.CODE_REFUSED: _l(
        "Deze code kennen wij niet in deze ronde. Kijk in uw brief of de code en de ronde kloppen, of bel ons."
    ),
    WithdrawFault.NO_REASON: _l("Schrijf waarom dit plan van het stembiljet gaat. Iedereen kan dat lezen."),
    WithdrawFault.ALREADY: _l("Dit plan is al van het stembiljet gehaald."),
    WithdrawFault.TOO_FEW: _l(
        "Zonder dit plan kan niemand nog een geldig stembiljet invullen. Het blijft op het stembiljet."
    ),
    WithdrawFault.SHUT: _l("De stembus is gesloten. Het plan blijft op het stembiljet."),
    OpeningFault.NOT_READY: lambda refusal: _all_lacking(refusal.facts["missing"]),
}
"""Why nobody can vote or a vote is not opened, and what to do about it."""


def task_sentences(limits: Limits) -> list[str]:
    """Say what to choose, as the lead of the ballot page."""
    least, most, cents = limits.min_choices, limits.max_choices, limits.max_cost_cents
    said = []
    if most is not None and least == most:
        said.append(ngettext("Kies precies %(num)s plan.", "Kies precies %(num)s plannen.", most))
    elif most is not None:
        said.append(
            _("Kies minstens %(least)s en hoogstens %(most)s plannen.", least=least, most=most)
            if least > 1
            else ngettext("Kies hoogstens %(num)s plan.", "Kies hoogstens %(num)s plannen.", most)
        )
    elif least > 0:
        said.append(ngettext("Kies minstens %(num)s plan.", "Kies minstens %(num)s plannen.", least))
    if cents is not None:
        said.append(_("Samen mogen ze %(amount)s kosten.", amount=eur(cents)))
    return [*said, _("U kunt alles nog veranderen.")]


def group_sentences(rules: BallotRules, names: Names) -> list[str]:
    """Say what the ballot asks of each theme or area, if anything."""
    return [
        f"{names.get(group, group)}: {' '.join(task_sentences(limits)[:-1])}"
        for group, limits in sorted(rules.per_group.items())
    ]


def obstacle(fault: Invalidity, names: Names) -> tuple[str, str]:
    """Say why a plan cannot be added: the point, and what it comes down to."""
    if fault.reason is Reason.WITHDRAWN_PLAN:
        return _("Teruggetrokken van het stembiljet:"), _("u kunt dit plan niet meer kiezen")
    group = names.get(fault.group, fault.group) if fault.group else None
    if fault.reason is Reason.TOO_DEAR:
        head = _("Past niet meer in %(group)s:", group=group) if group else _("Past niet meer:")
        return head, _("%(amount)s te veel", amount=eur(fault.by))
    head = _("Vol in %(group)s:", group=group) if group else _("Uw keuze is vol:")
    return head, ngettext("u koos al %(num)s plan", "u koos al %(num)s plannen", fault.limit)


def fault(found: Invalidity, *, titles: Mapping[int, str], names: Names) -> str:
    """Say what is wrong with a ballot and what to do about it."""
    if found.reason is Reason.UNKNOWN_PLAN:
        return _("Een plan in uw keuze staat niet op dit stembiljet. Kies opnieuw.")
    if found.reason is Reason.REPEATED_PLAN:
        return _("U koos “%(plan)s” meer dan een keer. Een keer is genoeg.", plan=titles.get(found.plan or 0, "?"))
    if found.reason is Reason.WITHDRAWN_PLAN:
        title = titles.get(found.plan or 0, "?")
        return _("“%(plan)s” is teruggetrokken van het stembiljet en kan niet meer winnen. Haal het weg.", plan=title)
    text = _bound(found)
    return f"{names.get(found.group, found.group)}: {text}" if found.group else text


def _bound(found: Invalidity) -> str:
    if found.reason is Reason.TOO_FEW:
        return ngettext("Kies nog %(num)s plan erbij.", "Kies nog %(num)s plannen erbij.", found.by)
    if found.reason is Reason.TOO_MANY:
        return ngettext("Haal %(num)s plan weg.", "Haal %(num)s plannen weg.", found.by)
    return _("Uw keuze kost %(amount)s te veel. Haal een plan weg.", amount=eur(found.by))


def kept_promises(basket: Basket) -> list[str]:
    """Say which bounds on the whole ballot a valid basket keeps, for the review page."""
    limits, said = basket.limits, []
    if limits.min_choices > 0:
        said.append(ngettext("U koos minstens %(num)s plan.", "U koos minstens %(num)s plannen.", limits.min_choices))
    if limits.max_choices is not None:
        said.append(
            ngettext("U koos niet meer dan %(num)s plan.", "U koos niet meer dan %(num)s plannen.", limits.max_choices)
        )
    if limits.max_cost_cents is not None:
        said.append(_("Samen kosten ze niet meer dan %(amount)s.", amount=eur(limits.max_cost_cents)))
    return said


def room_left(basket: Basket) -> str:
    """Say in a few words how much room there still is."""
    limits = basket.limits
    if limits.max_cost_cents is not None:
        return _("%(amount)s over", amount=eur(limits.max_cost_cents - basket.spent_cents))
    number = len(basket.plans)
    if limits.max_choices is not None:
        return ngettext("Nog %(num)s plan", "Nog %(num)s plannen", limits.max_choices - number)
    return ngettext("%(num)s plan gekozen", "%(num)s plannen gekozen", number)


def change_spoken(basket: Basket, last: int, titles: Mapping[int, str]) -> str:
    """Say to a screen reader what the last change came to."""
    if last not in titles:
        return ""
    head = _("Toegevoegd: %(plan)s.") if last in basket.choices else _("Weggehaald: %(plan)s.")
    number = ngettext("%(num)s plan in uw mandje.", "%(num)s plannen in uw mandje.", len(basket.plans))
    return f"{head % {'plan': titles[last]}} {number} {room_left(basket)}."


def unknown_code() -> str:
    """Say that a code may not vote here: the same words whether it never existed, is void or is of another round."""
    return str(REFUSALS[CastFault.CODE_REFUSED])


def _all_lacking(missing: Any) -> str:
    return " ".join(lacking(each) for each in missing)


def lacking(missing: Missing) -> str:
    """Say what to do before the vote can be opened."""
    return {
        Missing.RULES: _("Kies eerst de regels van de ronde."),
        Missing.SOUND_RULES: _("De regels passen niet bij het geld of de plannen. Kijk ze na."),
        Missing.VERDICTS: _("Niet elk ingediend plan heeft een oordeel. Toets eerst alle plannen."),
        Missing.PLANS: _("Er staan minder dan 2 plannen op het stembiljet."),
        Missing.CODES: _("Er zijn nog geen stemcodes."),
        Missing.KEYS: _("De sleutels liggen niet op deze server. Ze worden gemaakt met de eerste stemcodes."),
        Missing.FEASIBILITY_ENDED: _("De tijd om plannen te controleren is nog niet voorbij."),
        Missing.RIGHT_TIME: _(
            "De ronde is niet openbaar, bewoners kunnen nog indienen of meedenken, of de tijd om te stemmen is "
            "voorbij. De data staan bij stap 2, Fasen."
        ),
        Missing.STILL_CLOSED: _("De stembus is al open."),
    }[missing]


OPENING_LABELS: Mapping[str, Text] = {
    "subject": _l("Titel van de ronde"),
    "owner": _l("Gebied van de ronde"),
    "buurten": _l("Buurten"),
    "points": _l("Akkoordpunten"),
    "points.title": _l("Titel"),
    "begins": _l("Stembus open"),
    "ends": _l("Stembus dicht"),
    "pots": _l("Bedrag"),
    "pots.name": _l("Naam"),
    "pots.cents": _l("Bedrag"),
    "rules": _l("Regels"),
    "area_names": _l("Naam van een gebied"),
    "plans": _l("Ingediend"),
    "plans.number": _l("Lotnummer"),
    "plans.title": _l("Titel"),
    "plans.language": _l("Taal"),
    "plans.theme": _l("Thema"),
    "plans.buurt": _l("Buurt"),
    "plans.status": _l("Op het stembiljet"),
    "plans.estimate_cents": _l("Schatting"),
    "plans.cost_cents": _l("Kosten"),
    "codes": _l("Stemcodes die mogen stemmen"),
    "pool": _l("Codes voor mensen met een account"),
    "spares": _l("Reservecodes"),
}


def opening_changes(
    found: Iterable[Difference], both: tuple[Mapping[str, Any], Mapping[str, Any]], *, object_: str
) -> list[ChangedRow]:
    """Say what is different on the page for opening a vote; `both` are the records before and after."""
    numbers = {str(plan["id"]): plan["number"] for shown in both for plan in shown.get("plans", ())}
    wording = Wording(
        labels=OPENING_LABELS,
        values={"plans.status": on_ballot, "rules": lambda rules: _("zie hieronder") if rules else "–"},
        items={
            "plans": lambda plan: _("Plan %(number)s", number=numbers[plan]),
            "pots": lambda place: _("Bedrag %(number)s", number=place),
            "points": lambda point: _("Akkoordpunt %(number)s", number=point),
        },
        objects={"plans": "proposal"},
    )
    rules = [shown.get("rules") for shown in both]
    found = list(found)
    gone = {each.path[1] for each in found if each.path[2:] == ("status",) and each.new != "admitted"}
    moot = {("plans", plan, "cost_cents") for plan in gone}  # what a plan costs that left the ballot
    rest = [each for each in found if each.path[0] != "rules" and each.path not in moot]
    whole = [Difference(("rules",), *rules)] if rules[0] != rules[1] else []
    return changed_rows([*rest, *whole], wording, object_=object_)


def on_ballot(status: str | None) -> str:
    """Say whether a plan with this status stands on the ballot, and why not."""
    return {
        "admitted": _("ja"),
        "refused": _("nee, kan niet"),
        "withdrawn": _("nee, ingetrokken"),
        "submitted": _("nee, nog niet gecontroleerd"),
    }.get(status or "", "–")


EVENT_WORDS: EventWords = {
    BoxOpened: lambda p: ngettext(
        "De stembus is open, voor %(total)s stemcode.",
        "De stembus is open, voor %(total)s stemcodes.",
        p["codes"],
        total=number(p["codes"]),
    ),
}
