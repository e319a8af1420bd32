"""Sentences about codes in the reader's language; what is wrong with them is found elsewhere."""

from collections.abc import Callable
from datetime import datetime

from buurtbegroot.acts import Fault, RefusedError
from buurtbegroot.core.credentials import CODE_SYMBOLS, CodeError, CodeProblem
from buurtbegroot.registry.actions.issuing import IssueFault
from buurtbegroot.registry.actions.pool import PoolFault
from buurtbegroot.registry.actions.voiding import VoidFault
from buurtbegroot.registry.domain.codes import CodesFault
from buurtbegroot.registry.domain.lists import ListFault
from buurtbegroot.registry.events import (
    CodeListsDestroyed,
    CodesIssued,
    CodeVoided,
    KeyCopyDestroyed,
    KeysCopied,
    PoolEmptied,
    PoolFilled,
    PoolShut,
    VoteRestored,
)
from buurtbegroot.registry.models import VoidReason
from buurtbegroot.rooms import EventWords, Payload
from buurtbegroot.texts import Text, long_datetime, ngettext, number
from buurtbegroot.texts import gettext as _
from buurtbegroot.texts import lazy_gettext as _l


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


REFUSALS: dict[Fault, Text | Callable[[RefusedError], str]] = {
    CodesFault.BUSY: _l("Heel veel mensen vullen nu hun code in. Probeer het zo nog eens."),
    IssueFault.ALREADY_OPEN: _l("De stembus is al open. Er komen geen codes meer bij."),
    IssueFault.NO_BOOTH: _l("Maak eerst de sleutels van de stembus."),
    IssueFault.NUMBER: _l("Dit aantal codes kan niet."),
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
    **dict.fromkeys(ListFault, list_fault),
}
"""Why nothing happens to a code, and what to do about it."""


def _voided_event(p: Payload) -> str:
    short = p["code"][:16]
    if p["spare"]:
        return _(
            "Een tweede persoon liet een stemcode vervallen (%(hash)s…). Een reservecode kwam ervoor in de plaats.",
            hash=short,
        )
    return _("Een tweede persoon liet een stemcode vervallen (%(hash)s…).", hash=short)


def _restored_event(p: Payload) -> str:
    if not p["since"]:
        return _("Twee mensen gingen verder na een reservekopie. De stembus was al dicht: er ontbreekt geen stem.")
    return _(
        "Twee mensen gingen verder na een reservekopie. Stemmen van %(since)s tot %(until)s kunnen ontbreken."
        " %(waiting)s stemcodes voor mensen met een account zijn vervallen.",
        since=long_datetime(datetime.fromisoformat(p["since"])),
        until=long_datetime(datetime.fromisoformat(p["until"])),
        waiting=number(p["waiting"]),
    )


EVENT_WORDS: EventWords = {
    CodesIssued: lambda p: _(
        "Er zijn %(codes)s stemcodes gemaakt. Daarvan zijn er %(spares)s reserve.",
        codes=number(p["codes"]),
        spares=number(p["spares"]),
    ),
    CodeVoided: _voided_event,
    PoolFilled: lambda p: _(
        "Er zijn %(codes)s stemcodes gemaakt voor mensen met een account. Er liggen er nu %(total)s klaar, en"
        " %(reserve)s in reserve.",
        codes=number(p["codes"]),
        total=number(p["total"]),
        reserve=number(p["reserve"]),
    ),
    PoolEmptied: lambda p: ngettext(
        "%(total)s stemcode voor mensen met een account is weggehaald.",
        "%(total)s stemcodes voor mensen met een account zijn weggehaald.",
        p["codes"],
        total=number(p["codes"]),
    ),
    PoolShut: lambda p: _(
        "Van de %(codes)s stemcodes voor mensen met een account zijn er %(drawn)s opgehaald."
        " De %(left)s die over waren, zijn vernietigd en vervallen.",
        codes=number(p["codes"]),
        drawn=number(p["drawn"]),
        left=number(p["left"]),
    ),
    VoteRestored: _restored_event,
    CodeListsDestroyed: _l("Twee mensen zeggen dat alle lijsten van brief naar stemcode zijn vernietigd."),
    KeysCopied: lambda p: _(
        "Er is een kopie van de sleutels gemaakt: nummer %(number)s, bij %(holder)s.",
        number=p["copy"],
        holder=p["holder"],
    ),
    KeyCopyDestroyed: _l("Kopie %(copy)s van de sleutels is vernietigd."),
}
