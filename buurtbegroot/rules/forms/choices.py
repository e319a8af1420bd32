"""What a coordinator can choose among in the form of the rules, and what only rules made elsewhere have."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from buurtbegroot.core.methods import Method, Score, Start, Stop, Tail, Utility
from buurtbegroot.core.plans import Grouping
from buurtbegroot.core.rules import CountingRules, TieKey
from buurtbegroot.rounds.queries.setup import WHOLE
from buurtbegroot.rules.words import BALLOT_NAMES, METHOD_NAMES, REST_NAMES, TIE_NAMES
from buurtbegroot.web.rows import options

OFFERED = (Method.MOST_VOTES, Method.EQUAL_SHARES, Method.VOTES_PER_EURO, Method.PHRAGMEN)

BALLOTS = options((kind.value, name) for kind, name in BALLOT_NAMES.items())
GROUPINGS = options(
    [
        (WHOLE, _l("Nee, alleen voor de hele stem")),
        (Grouping.THEME.value, _l("Ja, per thema")),
        (Grouping.AREA.value, _l("Ja, per gebied")),
    ]
)
METHODS = options((method.value, METHOD_NAMES[method]) for method in OFFERED)
RESTS = options((rest.value, name) for rest, name in REST_NAMES.items())
TIES = options(
    [
        (TieKey.CHEAPEST_FIRST.value, _l("Goedkoopste plan eerst, dan loten")),
        (TieKey.LOT.value, _l("Altijd loten")),
    ]
)
STARTS = options(
    [
        (Start.SHARE.value, _l("Met precies een gelijk deel")),
        (Start.WHOLE.value, _l("Met een gelijk deel, afgerond op hele euro's")),
    ]
)
STOPS = options(
    [
        (Stop.EXHAUSTIVE.value, _l("Als er geen plan meer in het budget past")),
        (Stop.OVERSPENT.value, _l("Pas als de volgende stap het budget zou overschrijden")),
    ]
)
TAILS = options(
    [
        (Tail.MOST_VOTES.value, _l("Naar andere plannen, meeste stemmen eerst")),
        (Tail.KEEP.value, _l("Het blijft over")),
    ]
)
SHARES_UTILITIES = options(
    [
        (Utility.COST.value, _l("Het plan met de meeste stemmers die er nog geld voor hebben")),
        (Utility.COUNT.value, _l("Het plan dat elke stemmer het minst kost")),
    ]
)
UTILITIES = options(
    [
        (Utility.COUNT.value, _l("Elk plan even zwaar")),
        (Utility.COST.value, _l("Een plan zo zwaar als het kost")),
    ]
)
SCORES = options([(Score.VOTES.value, _l("Elke keuze is één stem"))])

OTHER_STARTS = {Start.SHARE_THEN_WHOLE: _l("Eerst met precies een gelijk deel, daarna afgerond")}
BY_POINTS = {
    Utility.POINTS: _l("Naar de punten die stemmers gaven"),
    Utility.POINTS_COST: _l("Naar de punten die stemmers gaven en de kosten"),
}
OTHER_SCORES = {
    Score.POINTS: _l("De punten die stemmers geven"),
    Score.BORDA: _l("Punten naar de volgorde (Borda)"),
    Score.POSITIONS: _l("Een vast aantal punten per plaats"),
}


def ties_value(ties: Sequence[TieKey]) -> str:
    """Return how the form names an order of ties: what comes before the lot, or the lot when nothing does."""
    return " ".join(key for key in ties if key is not TieKey.LOT) or TieKey.LOT.value


def ties_of(value: str) -> tuple[TieKey, ...]:
    """Return the order of ties that a name stands for."""
    return (*(key for key in map(TieKey, value.split()) if key is not TieKey.LOT), TieKey.LOT)


def offer_stored(form: Any, counting: CountingRules) -> None:
    """Add to the choices of the form what the rules have, where the form itself does not offer it."""
    _offer(form.method, counting.method, METHOD_NAMES)
    _offer(form.utility, counting.utility, BY_POINTS)
    _offer(form.score, counting.score, OTHER_SCORES)
    order = ", ".join(str(TIE_NAMES[key]) for key in counting.ties)
    _add(form.ties, ties_value(counting.ties), _("Zoals het nu is: %(order)s", order=order))
    if counting.equal_shares is not None:
        _offer(form.shares.form.start, counting.equal_shares.start, OTHER_STARTS)
        _offer(form.shares.form.utility, counting.equal_shares.utility, BY_POINTS)


def _offer(field: Any, value: StrEnum, others: Mapping[Any, object]) -> None:
    if value in others:
        _add(field, value.value, others[value])


def _add(field: Any, value: str, text: object) -> None:
    if value not in [choice.value for choice in field.choices]:
        field.choices = [*field.choices, *options([(value, text)])]
