"""Sentences about ballots and codes in the reader's language; what is wrong with them is found elsewhere."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from buurtbegroot.acts import Fault, RefusedError
from buurtbegroot.core.ballots import Invalidity, Reason
from buurtbegroot.core.credentials import CODE_SYMBOLS, CodeError, CodeProblem
from buurtbegroot.core.rules import BallotRules, Limits
from buurtbegroot.dual_control.domain import Difference
from buurtbegroot.dual_control.words import ChangedRow, Wording, changed_rows
from buurtbegroot.rooms import EventWords, Payload
from buurtbegroot.texts import Text, eur, ngettext, number
from buurtbegroot.texts import gettext as _
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.voting.actions import CastFault
from buurtbegroot.voting.basket import Basket
from buurtbegroot.voting.codes import CodesFault
from buurtbegroot.voting.events import (
    BoxOpened,
    CodesIssued,
    CodeVoided,
    LeavesPublished,
    PoolEmptied,
    PoolFilled,
    PoolShut,
)
from buurtbegroot.voting.issuing import IssueFault
from buurtbegroot.voting.keys import KeysFault
from buurtbegroot.voting.models import VoidReason
from buurtbegroot.voting.offline import ListFault
from buurtbegroot.voting.opening import OpeningFault
from buurtbegroot.voting.pool import PoolFault
from buurtbegroot.voting.queries.opening import Missing
from buurtbegroot.voting.voiding import VoidFault

Names = Mapping[str, str]

REFUSALS: dict[Fault, Text | Callable[[RefusedError], str]] = {
    CastFault.BOX_CLOSED: _l("De stembus is dicht. Er is niets ingestuurd."),
    CastFault.CODE_REFUSED: _l("Deze code kennen wij niet. Kijk nog eens in uw brief, of bel ons."),
    CastFault.INVALID: _l("Deze keuze past niet op het stembiljet. Kijk haar na."),
    CastFault.OTHER_BALLOT: _l("Met dit formulier stuurde u al een andere stem in. Die stem ligt in de stembus."),
    CodesFault.BUSY: _l("Heel veel mensen vullen nu hun code in. Probeer het zo nog eens."),
    IssueFault.ALREADY_OPEN: _l("De stembus is al open. Er komen geen codes meer bij."),
    IssueFault.NO_BOOTH: _l("Maak eerst de sleutels van de stembus."),
    IssueFault.NUMBER: _l("Dit aantal codes kan niet."),
    KeysFault.NO_KEYS: _l(
        "De sleutels van deze ronde staan niet op de server. Er is niets veranderd. Bel de beheerder."
    ),
    KeysFault.LOG_FORKED: _l(
        "De lijst met stemmen is niet meer de lijst van eerst. Ga niet verder en bel de beheerder."
    ),
    OpeningFault.NOT_READY: lambda refusal: _all_lacking(refusal.facts["missing"]),
    PoolFault.ALREADY_OPEN: _l("De stembus is al open. Aan de codes voor accounts verandert niets meer."),
    PoolFault.CLOSED: _l("De stembus is dicht. Daarom geven wij geen codes."),
    PoolFault.OFF: _l("In deze ronde liggen geen codes voor mensen met een account."),
    PoolFault.DRAWN: _l("U kreeg al een stemcode voor deze ronde."),
    PoolFault.EMPTY: _l("De codes zijn op."),
    VoidFault.CLOSED: _l("De stembus is gesloten. Er kan geen code meer vervallen."),
    VoidFault.UNKNOWN: _l("Deze code hoort niet bij deze ronde. Kijk nog eens in de lijst met brieven."),
    VoidFault.IS_SPARE: _l("Dit is een reservecode, die stemt nog niet. Vul de code in van de brief die vervalt."),
    VoidFault.ALREADY_VOID: _l("Deze code is al vervallen."),
    VoidFault.NOT_A_SPARE: _l("Dit is geen reservecode, of hij is al gebruikt. Vraag het aan met een andere brief."),
    VoidFault.OTHER_SPARE: _l("In de aanvraag staat een andere reservebrief, of geen. Overleg met wie het aanvroeg."),
}
"""Why nothing happens to a ballot, a code or a box, and what to do about it."""


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


def mistyped(error: CodeError) -> str:
    """Say what is wrong with a typed code that no registry needs to be asked about."""
    if error.problem is CodeProblem.EMPTY:
        return _("Vul uw stemcode in. De code staat in uw brief.")
    if error.problem is CodeProblem.WRONG_LENGTH:
        return _(
            "Een stemcode heeft %(wanted)s letters en cijfers. U typte er %(typed)s.",
            wanted=CODE_SYMBOLS,
            typed=error.length,
        )
    if error.problem is CodeProblem.BAD_SYMBOL:
        return _("Het teken “%(symbol)s” komt in geen stemcode voor. Kijk nog eens in uw brief.", symbol=error.symbol)
    return _("Er zit een typfout in de code. Vergelijk elk teken met uw brief.")


def unknown_code() -> str:
    """Say that a code may not vote here: the same words whether it never existed, is void or is of another round."""
    return str(REFUSALS[CastFault.CODE_REFUSED])


def void_reason(reason: VoidReason) -> str:
    """Say why a code was made void."""
    return {
        VoidReason.LOST: _("Kwijt"),
        VoidReason.STOLEN: _("Gestolen"),
        VoidReason.UNDELIVERED: _("Niet aangekomen"),
        VoidReason.DAMAGED: _("Niet te lezen"),
    }[reason]


def voided(*, replaced: bool) -> str:
    """Say what happened to the two letters."""
    if replaced:
        return _("De code is vervallen. De reservebrief kan vanaf nu stemmen. Geef die aan de kiezer.")
    return _("De code is vervallen. Er kwam geen reservebrief voor in de plaats.")


def list_fault(refusal: RefusedError) -> str:
    """Say what is wrong with an issuer's list, in which line, and what to do about it."""
    said: dict[Fault, str] = {
        ListFault.NOT_A_LIST: _("Dit is geen bestand met controlecodes. Kies het bestand dat begint met bb-codes."),
        ListFault.BAD_LINE: _("Deze regel is niet goed. Haal het bestand opnieuw bij wie de codes maakte."),
        ListFault.OTHER_ROUND: _("Deze codes zijn voor een andere ronde gemaakt."),
        ListFault.OTHER_SALT: _("Deze codes zijn met een ander salt gemaakt. Maak ze opnieuw met het salt hieronder."),
        ListFault.BATCH_TAKEN: _("Er is al een partij met dit nummer. Maak de codes opnieuw met het nummer hieronder."),
        ListFault.UNSORTED: _("De regels staan niet op volgorde. Haal het bestand opnieuw bij wie de codes maakte."),
        ListFault.REPEATED: _("Deze regel staat er twee keer. Haal het bestand opnieuw bij wie de codes maakte."),
        ListFault.WRONG_NUMBER: _("Het aantal klopt niet: er ontbreken regels, of er zijn er te veel."),
        ListFault.REGISTERED: _("Deze code staat al in de lijst. Is dit bestand al eerder ingelezen?"),
    }
    number, found = refusal.facts["line"], said[refusal.fault]
    return _("Regel %(number)s: %(fault)s Er is niets ingelezen.", number=number, fault=found)


REFUSALS |= dict.fromkeys(ListFault, list_fault)


def _all_lacking(missing: Any) -> str:
    return " ".join(lacking(each) for each in missing)


def lacking(missing: Missing) -> str:
    """Say what to do before the vote can be opened."""
    return {
        Missing.RULES: _("Stel eerst de regels van de ronde vast."),
        Missing.SOUND_RULES: _("De regels passen niet bij het geld of de plannen. Kijk ze na."),
        Missing.VERDICTS: _("Niet elk ingediend plan heeft een oordeel. Toets eerst alle plannen."),
        Missing.PLANS: _("Er staan minder dan 2 plannen op het stembiljet."),
        Missing.CODES: _("Er zijn nog geen stemcodes."),
        Missing.KEYS: _("De sleutels liggen niet op deze server. Ze worden gemaakt met de eerste stemcodes."),
        Missing.FEASIBILITY_ENDED: _("De tijd om plannen te controleren is nog niet voorbij."),
        Missing.RIGHT_TIME: _("De ronde is niet openbaar, bewoners kunnen nog indienen, of het stemmen is al voorbij."),
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


def _voided_event(p: Payload) -> str:
    short = p["commitment"][:16]
    if p["replaced"]:
        return _(
            "Een tweede persoon liet een stemcode vervallen (%(hash)s…). Een reservecode kwam ervoor in de plaats.",
            hash=short,
        )
    return _("Een tweede persoon liet een stemcode vervallen (%(hash)s…).", hash=short)


EVENT_WORDS: EventWords = {
    CodesIssued: lambda p: _(
        "Er zijn %(codes)s stemcodes gemaakt. Daarvan zijn er %(spares)s reserve.",
        codes=number(p["codes"]),
        spares=number(p["spares"]),
    ),
    CodeVoided: _voided_event,
    PoolFilled: lambda p: _(
        "Er zijn %(codes)s stemcodes gemaakt voor mensen met een account. Er liggen er nu %(total)s klaar.",
        codes=number(p["codes"]),
        total=number(p["total"]),
    ),
    PoolEmptied: lambda p: ngettext(
        "%(total)s stemcode voor mensen met een account is weggehaald.",
        "%(total)s stemcodes voor mensen met een account zijn weggehaald.",
        p["codes"],
        total=number(p["codes"]),
    ),
    PoolShut: lambda p: _(
        "Van de %(codes)s stemcodes voor mensen met een account zijn er %(drawn)s opgehaald."
        " De %(left)s andere zijn vernietigd en vervallen.",
        codes=number(p["codes"]),
        drawn=number(p["drawn"]),
        left=number(p["left"]),
    ),
    BoxOpened: lambda p: ngettext(
        "De stembus is open, voor %(total)s stemcode.",
        "De stembus is open, voor %(total)s stemcodes.",
        p["codes"],
        total=number(p["codes"]),
    ),
    LeavesPublished: lambda p: ngettext(
        "%(total)s verzegelde stem staat nu in de openbare lijst.",
        "%(total)s verzegelde stemmen staan nu in de openbare lijst.",
        p["leaves"],
        total=number(p["leaves"]),
    ),
}
