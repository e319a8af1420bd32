"""What the parts of rules are called, and the faults that core finds in rules; where they are shown is elsewhere."""

from collections.abc import Callable, Mapping

from buurtbegroot.core.methods import Method
from buurtbegroot.core.rule_problems import Problem, ProblemCode
from buurtbegroot.core.rules import BallotType, RestRule, TieKey
from buurtbegroot.texts import Text, eur
from buurtbegroot.texts import gettext as _
from buurtbegroot.texts import lazy_gettext as _l

BALLOT_NAMES: Mapping[BallotType, Text] = {
    BallotType.KNAPSACK: _l("Mandje met een budget"),
    BallotType.APPROVAL: _l("Een aantal plannen"),
}
METHOD_NAMES: Mapping[Method, Text] = {
    Method.MOST_VOTES: _l("Meeste stemmen eerst"),
    Method.EQUAL_SHARES: _l("Gelijke delen"),
    Method.VOTES_PER_EURO: _l("Meeste stemmen per euro"),
    Method.PHRAGMEN: _l("Samen sparen (Phragmén)"),
    Method.EXACT_EQUAL_SHARES: _l("Precies gelijke delen"),
    Method.MAXIMIN_SUPPORT: _l("Kosten zo gelijk mogelijk (maximin)"),
    Method.WELFARE: _l("Zo veel mogelijk stemmen samen"),
    Method.BOS: _l("Gelijke delen, ook voor wie net te weinig heeft (BOS)"),
    Method.MAJORITY_JUDGMENT: _l("Het oordeel van de middelste stemmer"),
}
REST_NAMES: Mapping[RestRule, Text] = {
    RestRule.SKIP: _l("Verder met het volgende plan dat past"),
    RestRule.STOP: _l("Stop bij het eerste plan dat niet past"),
    RestRule.PART: _l("Dat plan krijgt wat over is, dan stop"),
}
TIE_NAMES: Mapping[TieKey, Text] = {
    TieKey.CHEAPEST_FIRST: _l("goedkoopste plan"),
    TieKey.MOST_VOTES_FIRST: _l("meeste stemmen"),
    TieKey.LISTED_FIRST: _l("laagste nummer op de lijst"),
    TieKey.LOT: _l("loten"),
}


def rule_problem_words(problem: Problem, names: Mapping[int, str]) -> str:
    """Return what is wrong and what to do about it; `names` says how to call each plan on the ballot, by its id."""
    words = _WORDS.get(problem.code)
    plan = problem.params.get("plan")
    named = {**problem.params, "name": names.get(int(plan), "")} if plan else problem.params
    return words(named) if words else _("Dit past niet bij de andere regels. Kijk het nog eens na.")


def _money(params: Mapping[str, int | str], name: str) -> str:
    return eur(int(params[name]))


_WORDS: Mapping[ProblemCode, Callable[[Mapping[str, int | str]], str]] = {
    ProblemCode.MISSING: lambda _params: _("Vul hier een bedrag in: bij een mandje hoort een budget."),
    ProblemCode.NOT_POSITIVE: lambda _params: _("Kies een getal boven 0, of laat het leeg."),
    ProblemCode.NEGATIVE: lambda _params: _("Dit kan niet onder 0 zijn."),
    ProblemCode.MAX_BELOW_MIN: lambda params: _(
        "Het hoogste is lager dan het laagste (%(least)s). Kies meer, of verlaag het laagste.", least=params["min"]
    ),
    ProblemCode.MORE_THAN_PLANS: lambda params: _(
        "Er zijn maar %(plans)s plannen om uit te kiezen. Kies dat aantal of minder.", plans=params["plans"]
    ),
    ProblemCode.ABOVE_BUDGET: lambda params: _("Kies %(budget)s of minder.", budget=_money(params, "budget_cents")),
    ProblemCode.CANNOT_BE_MET: lambda params: _(
        "Zoveel plannen kosten samen minstens %(cost)s. Dat past niet in het bedrag per stem.",
        cost=_money(params, "cheapest_cents"),
    ),
    ProblemCode.GROUPS_DEMAND_MORE: lambda params: _(
        "De groepen vragen samen al om %(groups)s plannen. Kies dat aantal of meer.", groups=params["groups"]
    ),
    ProblemCode.NEEDS_ONE_POT: lambda _params: _(
        "Dit kan alleen als er één bedrag voor alles is. Nu heeft elk thema of gebied een eigen bedrag."
    ),
    ProblemCode.NEEDS_CAPS: lambda _params: _("Vul eerst een hoogste bedrag per thema of gebied in."),
    ProblemCode.TOO_FEW: lambda _params: _("Noem minstens twee verschillende plannen op een regel."),
    ProblemCode.REPEATED: lambda params: _("%(value)s staat er twee keer.", value=params["value"]),
    ProblemCode.PLAN_WITHOUT_POT: lambda params: _(
        "%(plan)s hoort bij geen enkel bedrag. Geef het thema of gebied van dit plan een bedrag bij 'Gebied en geld'.",
        plan=params["name"],
    ),
    ProblemCode.PLAN_ABOVE_POT: lambda params: _(
        "%(plan)s kost %(cost)s, maar er is %(pot)s. Verhoog dat bij 'Gebied en geld', of toets het plan opnieuw.",
        plan=params["name"],
        cost=_money(params, "cost_cents"),
        pot=_money(params, "pot_cents"),
    ),
    ProblemCode.PLAN_WITHOUT_LIMIT: lambda params: _(
        "%(plan)s valt buiten de maxima. Vul ook een maximum in voor het thema of gebied van dit plan.",
        plan=params["name"],
    ),
    ProblemCode.PLAN_TOO_CHEAP: lambda params: _(
        "%(plan)s kost %(cost)s. Kies dat bedrag of minder.", plan=params["name"], cost=_money(params, "cost_cents")
    ),
    ProblemCode.PLAN_TOO_DEAR: lambda params: _(
        "%(plan)s kost %(cost)s. Kies dat bedrag of meer.", plan=params["name"], cost=_money(params, "cost_cents")
    ),
    ProblemCode.NOT_A_SHARE: lambda _params: _("Kies een deel boven 0 en niet meer dan het geheel."),
    ProblemCode.UNKNOWN_PLAN: lambda _params: _("Een van deze plannen staat niet op de lijst."),
    ProblemCode.NEEDS_PARAMETERS: lambda _params: _("Vul in hoe de gelijke delen worden verdeeld."),
    ProblemCode.NOT_FOR_METHOD: lambda _params: _("Dit hoort bij een andere manier van tellen. Laat het leeg."),
    ProblemCode.NOT_FOR_BALLOT: lambda _params: _(
        "Dit kan niet bij deze stem: die heeft geen volgorde en geen punten. Kies een andere manier van tellen."
    ),
    ProblemCode.NEEDS_POINTS: lambda _params: _("Dit kan alleen als de stemmen punten geven."),
    ProblemCode.NEEDS_POSITIONS: lambda _params: _(
        "Punten per plaats horen bij een volgorde. Vul ze daar in, en laat ze anders leeg."
    ),
    ProblemCode.RISING: lambda _params: _("Een lagere plaats kan niet meer punten geven dan een hogere."),
    ProblemCode.NEEDS_STOP: lambda _params: _(
        "Aanvullen kan alleen als het tellen stopt bij het eerste plan dat niet past."
    ),
    ProblemCode.CYCLE: lambda params: _(
        "%(plan)s wacht via andere plannen op zichzelf. Haal een van die regels weg.", plan=params["name"]
    ),
    ProblemCode.CONTRADICTION: lambda params: _(
        "%(plan)s heeft een plan nodig waarmee het niet samen kan. Haal een van die regels weg.", plan=params["name"]
    ),
    ProblemCode.ABOVE_CAP: lambda params: _(
        "Het hoogste bedrag is hier %(cap)s. Kies dat bedrag of minder.", cap=_money(params, "cap_cents")
    ),
    ProblemCode.MINIMUMS_ABOVE_BUDGET: lambda params: _(
        "De vaste bedragen zijn samen %(minimums)s, maar er is %(budget)s. Verlaag er een.",
        minimums=_money(params, "minimums_cents"),
        budget=_money(params, "budget_cents"),
    ),
}
