"""What statuses, questions, lacks and verdicts are called on a page; the things themselves live in models."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from buurtbegroot.audit.events import Changes
from buurtbegroot.core.standing import Stage
from buurtbegroot.core.tally.trace import Verdict
from buurtbegroot.proposals.actions import PlanFault
from buurtbegroot.proposals.domain.drafts import MAKER_NAME, Lack, Shortcoming
from buurtbegroot.proposals.events import (
    ConceptDeleted,
    ConceptSaved,
    ProposalDecided,
    ProposalEdited,
    ProposalSubmitted,
    ProposalWithdrawn,
)
from buurtbegroot.proposals.models import Answer, OffBallot, PlanState, ProposalStatus
from buurtbegroot.rooms import EventWords, FaultWords, Payload
from buurtbegroot.rounds.models import Criterion, Round
from buurtbegroot.texts import Spoken, Text, eur
from buurtbegroot.texts import gettext as _
from buurtbegroot.texts import lazy_gettext as _l


class Chip(NamedTuple):
    """A status as components/marks.html shows it: its word, an icon and a colour role."""

    text: Text
    icon: str
    kind: str


STATUS_CHIPS: dict[PlanState, Chip] = {
    ProposalStatus.CONCEPT: Chip(_l("Concept"), "pencil", "line"),
    ProposalStatus.SUBMITTED: Chip(_l("Ingediend"), "send", "info"),
    ProposalStatus.ADMITTED: Chip(_l("Gecontroleerd: kan"), "circle-check", "ok"),
    ProposalStatus.REFUSED: Chip(_l("Kan niet"), "circle-x", "no"),
    ProposalStatus.WITHDRAWN: Chip(_l("Ingetrokken"), "arrow-back-up", "line"),
    OffBallot.WITHDRAWN: Chip(_l("Teruggetrokken van het stembiljet"), "arrow-back-up", "warn"),
}
ON_BALLOT = Chip(_l("Op het stembiljet"), "checkbox", "ok")
WAS_ON_BALLOT = Chip(_l("Stond op het stembiljet"), "checkbox", "line")
BALLOT_CHIPS = {
    Stage.OPENED: ON_BALLOT,
    Stage.VOTING: ON_BALLOT,
    Stage.ENDED: WAS_ON_BALLOT,
    Stage.COUNTING: WAS_ON_BALLOT,
    Stage.NO_BALLOTS: WAS_ON_BALLOT,
    Stage.RESULT: WAS_ON_BALLOT,
}

VERDICTS = {
    Verdict.FUNDED: Chip(_l("Krijgt geld"), "award", "accent"),
    Verdict.PARTLY_FUNDED: Chip(_l("Krijgt een deel van het geld"), "award", "accent"),
    Verdict.DOES_NOT_FIT: Chip(_l("Krijgt geen geld: het paste niet meer in het budget"), "coins", "line"),
    Verdict.BELOW_THRESHOLD: Chip(_l("Krijgt geen geld: er waren te weinig stemmen"), "coins", "line"),
    Verdict.CAP_FULL: Chip(_l("Krijgt geen geld: het deel voor dit thema of gebied was op"), "coins", "line"),
    Verdict.INCOMPATIBLE: Chip(_l("Krijgt geen geld: het kan niet samen met een gekozen plan"), "coins", "line"),
    Verdict.AFTER_STOP: Chip(_l("Krijgt geen geld: het budget was verdeeld"), "coins", "line"),
    Verdict.TOPPED_UP: Chip(_l("Krijgt geld"), "award", "accent"),
    Verdict.NEEDS_OTHER: Chip(_l("Krijgt geen geld: het kan niet zonder een ander plan"), "coins", "line"),
    Verdict.TOO_DEAR_FOR_SUPPORT: Chip(_l("Krijgt geen geld: te weinig stemmen voor de kosten"), "coins", "line"),
    Verdict.NOT_AFFORDABLE: Chip(_l("Krijgt geen geld: zijn stemmers hadden te weinig over"), "coins", "line"),
    Verdict.NOT_NAMED: Chip(_l("Krijgt geen geld"), "coins", "line"),
    Verdict.NOT_CHOSEN: Chip(_l("Krijgt geen geld: er was geen stem op"), "coins", "line"),
}

STATUS_FILTER = {
    "": _l("Plannen die meedoen"),
    "controle": _l("Wacht op controle"),
    "kan": _l("Gecontroleerd: kan"),
    "kan-niet": _l("Kan niet"),
    "ingetrokken": _l("Ingetrokken"),
    "alles": _l("Alle plannen"),
}

COST_FILTER = {
    "": _l("Alle bedragen"),
    "tot-5000": _l("Tot en met € 5.000"),
    "tot-15000": _l("€ 5.000 tot en met € 15.000"),
    "tot-30000": _l("€ 15.000 tot en met € 30.000"),
    "meer": _l("Meer dan € 30.000"),
}

ORDER_FILTER = {
    "door-elkaar": _l("Door elkaar"),
    "nieuwste": _l("Nieuwste eerst"),
    "goedkoopste": _l("Goedkoopste eerst"),
    "duurste": _l("Duurste eerst"),
    "titel": _l("Op naam"),
}

QUESTIONS = {
    Criterion.BUDGET: _l("Past het in het budget, met onderhoud en vergunningen?"),
    Criterion.COMPETENCE: _l("Gaat het stadsdeel hierover?"),
    Criterion.LAW: _l("Past het bij de wet, het beleid en de regels voor de straat?"),
    Criterion.OWNER: _l("Vindt de eigenaar van de plek het goed?"),
    Criterion.YEAR: _l("Kan het binnen een jaar klaar zijn?"),
    Criterion.NEW: _l("Is het nieuw, dus nog niet gepland of gedaan?"),
    Criterion.SUPPORT: _l("Vinden buren het een goed plan?"),
    Criterion.AIM: _l("Is het zonder religieus, politiek of commercieel doel?"),
    Criterion.OPEN: _l("Is het open voor iedereen?"),
    Criterion.ONCE: _l("Is het geld maar één keer nodig?"),
}

ANSWERS = {Answer.YES: _l("Ja"), Answer.ADJUST: _l("Ja, met aanpassing"), Answer.NO: _l("Nee")}

SCENE_ICONS = {
    "groen": "trees",
    "plant": "leaf",
    "vogel": "leaf",
    "kind": "mood-smile",
    "eten": "tools-kitchen-2",
    "water": "world",
    "kunst": "palette",
    "zorg": "heart-handshake",
    "schoon": "recycle",
}

_LACKS = {
    Lack.NO_SUMMARY: _l("Schrijf in één of twee zinnen wat het plan is."),
    Lack.NO_BODY: _l("Leg uit wat u wilt doen en waarom."),
    Lack.NO_THEME: _l("Kies een thema."),
    Lack.NO_AUTHOR_NAME: _l("Schrijf welke naam er bij het plan staat."),
    Lack.NO_COSTS: _l("Schrijf op wat het plan kost: minstens één regel met een bedrag."),
    Lack.TOO_CHEAP: _l("Het plan is te goedkoop voor deze ronde. Het moet minstens %(limit)s kosten."),
    Lack.TOO_DEAR: _l("Het plan is te duur voor deze ronde. Het mag niet meer kosten dan %(limit)s."),
    Lack.ABOVE_POT: _l("Het plan kost meer dan er te verdelen is: %(limit)s. Maak het plan kleiner."),
    Lack.NO_POT: _l("Voor dit thema of deze plek is in deze ronde geen geld. Kies een ander thema of een andere plek."),
}
SPOKEN = {
    "proposal": Spoken(
        mine=_l("uw plan"),
        own=_l("uw plan %(number)s in %(round)s"),
        one=_l("plan %(number)s in %(round)s"),
        this=_l("dit plan"),
        writer=_l("de maker"),
    ),
}
REFUSALS: FaultWords = {
    PlanFault.CLOSED: _l("Deze ronde neemt nu geen plannen of wijzigingen aan."),
    PlanFault.INCOMPLETE: _l("Aan het plan ontbreekt nog iets. Vul het aan."),
    PlanFault.DECIDED: _l("Over dit plan is al beslist. U kunt het niet meer veranderen."),
    PlanFault.FIXED: _l("Dit plan kan niet meer worden ingetrokken."),
    PlanFault.UNDECIDABLE: _l("Over dit plan kan nu niet worden beslist."),
    PlanFault.GONE: _l("De buurt of het thema dat u koos, hoort niet meer bij de ronde. Kies opnieuw."),
    PlanFault.OWN: _l(
        "Het plan is van u, of van iemand van wie u een rol kreeg of die u een rol gaf."
        " Een andere coördinator van dit gebied of een beheerder kan wel oordelen."
    ),
}


def status_chip(state: PlanState, stage: Stage, verdict: str | None = None) -> Chip:
    """Return how a plan stands: what the count did with it, or whether it is or was on the ballot, or its state."""
    if verdict in VERDICTS:
        return VERDICTS[Verdict(verdict)]
    admitted = BALLOT_CHIPS.get(stage, STATUS_CHIPS[state])
    return admitted if state is ProposalStatus.ADMITTED else STATUS_CHIPS[state]


def sentence(shortcoming: Shortcoming) -> str:
    """Return what the maker of the plan reads about a lack."""
    return _LACKS[shortcoming.lack] % {"limit": eur(shortcoming.limit_cents)}


def questions(round_: Round) -> list[str]:
    """Return the questions with which the plans of a round are checked, as they are said everywhere."""
    return [str(QUESTIONS[criterion]) for criterion in round_.questions]


def dots(answers: Mapping[str, str], round_: Round) -> list[str]:
    """Return for each question of the round the state of its square: y yes, m with changes, n no answer or no."""
    states = {Answer.YES.value: "y", Answer.ADJUST.value: "m"}
    return [states.get(answers.get(criterion.value, ""), "n") for criterion in round_.questions]


def _decided(p: Payload) -> str:
    if p["admitted"]:
        said = _(
            "Plan %(number)s komt op het stembiljet: %(title)s, voor %(amount)s.",
            number=p["number"],
            title=p["title"],
            amount=eur(p["cost_cents"]),
        )
    else:
        said = _("Plan %(number)s komt niet op het stembiljet: %(title)s.", number=p["number"], title=p["title"])
    said += _decided_before(p["changes"])
    return said + " " + _("Reden: %(reason)s", reason=p["reason"]) if p["reason"] else said


def _decided_before(changes: Changes) -> str:
    """Say what an earlier decision was, if there was one and it was another."""
    status, cents = changes.get("status", {}).get("old", ""), changes.get("cost_cents", {}).get("old", 0)
    if status == ProposalStatus.ADMITTED.value:
        return " " + _("Eerder kwam het er wel op.")
    if status == ProposalStatus.REFUSED.value:
        return " " + _("Eerder kwam het er niet op.")
    return " " + _("Eerder was het bedrag %(amount)s.", amount=eur(cents)) if cents else ""


def _edited(p: Payload) -> str:
    said = _(
        "Plan %(number)s is veranderd door de maker: %(title)s, geschat op %(amount)s.",
        number=p["number"],
        title=p["title"],
        amount=eur(p["estimate_cents"]),
    )
    changed = in_words(p["changes"])
    return f"{said} {changed}" if changed else said


def in_words(changed: Iterable[str]) -> str:
    """Return which parts of a plan changed, as a sentence; empty when none did that has a name."""
    names = list(dict.fromkeys(str(PART_NAMES[name]) for name in changed if name in PART_NAMES))
    return _("Veranderd: %(names)s.", names=", ".join(names)) if names else ""


PART_NAMES: Mapping[str, Text] = {
    "title": _l("naam"),
    "summary": _l("samenvatting"),
    "body": _l("uitleg"),
    "place": _l("plek"),
    "help_wanted": _l("hulp gezocht"),
    "theme": _l("thema"),
    "buurt": _l("buurt"),
    "lines": _l("kosten"),
    "accord": _l("akkoordpunten"),
    "points": _l("akkoordpunten"),
    "language": _l("taal"),
    MAKER_NAME: _l("naam van de maker"),
}
"""What the parts of a plan are called, in events and in versions."""


EVENT_WORDS: EventWords = {
    ConceptSaved: _l("Een bewoner werkte aan een plan dat nog niet openbaar was."),
    ConceptDeleted: _l("Een bewoner gooide een plan weg dat nog niet openbaar was."),
    ProposalSubmitted: lambda p: _(
        "Plan %(number)s is ingediend: %(title)s, geschat op %(amount)s.",
        number=p["number"],
        title=p["title"],
        amount=eur(p["estimate_cents"]),
    ),
    ProposalEdited: _edited,
    ProposalWithdrawn: _l("Plan %(number)s is ingetrokken door de maker: %(title)s."),
    ProposalDecided: _decided,
}
