"""Parts of the form of the rules: the parameters of equal shares, and the field that a problem of core is about."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField
from wtforms import Form as PlainForm
from wtforms.validators import DataRequired

from buurtbegroot.core.methods import EqualShares, Start, Stop, Tail
from buurtbegroot.core.plans import Grouping
from buurtbegroot.core.rule_problems import Problem, ProblemCode
from buurtbegroot.core.tally.comparing import EURO_BY_EURO
from buurtbegroot.rounds.form_fields import Rows, options
from buurtbegroot.web.fields import Euros

_COST_FIELDS = {
    "plan_cost.min_cents": "cheapest",
    "plan_cost.max_cents": "dearest",
    ProblemCode.PLAN_TOO_CHEAP: "cheapest",
    ProblemCode.PLAN_TOO_DEAR: "dearest",
}


class SharesForm(PlainForm):
    """The parameters of equal shares; as they come they are the rule that the house proposes."""

    start = RadioField(
        _l("Waarmee begint elke stemmer?"),
        [DataRequired()],
        choices=options(
            [
                (Start.SHARE.value, _l("Met precies een gelijk deel")),
                (Start.WHOLE.value, _l("Met een gelijk deel, afgerond op hele euro's")),
            ]
        ),
        default=EURO_BY_EURO.start.value,
    )
    step = Euros(_l("Hoeveel komt er steeds bij, per stemmer?"), least=1, default=EURO_BY_EURO.step_cents)
    stop = RadioField(
        _l("Wanneer komt er niets meer bij?"),
        [DataRequired()],
        choices=options(
            [
                (Stop.EXHAUSTIVE.value, _l("Als er geen plan meer in het budget past")),
                (Stop.OVERSPENT.value, _l("Pas als de volgende stap het budget zou overschrijden")),
            ]
        ),
        default=EURO_BY_EURO.stop.value,
    )
    tail = RadioField(
        _l("Waar gaat het geld heen dat dan over is?"),
        [DataRequired()],
        choices=options(
            [
                (Tail.MOST_VOTES.value, _l("Naar andere plannen, meeste stemmen eerst")),
                (Tail.KEEP.value, _l("Het blijft over")),
            ]
        ),
        default=EURO_BY_EURO.tail.value,
    )
    compare = BooleanField(_l("Vergelijk met 'meeste stemmen eerst'"))

    def rules(self) -> EqualShares:
        """Return the parameters that the fields say; without a step nothing is added."""
        return EqualShares(
            start=Start(self.start.data),
            step_cents=self.step.data,
            stop=Stop(self.stop.data),
            tail=Tail(self.tail.data),
            compare=bool(self.compare.data),
        )


def shares_values(shares: EqualShares) -> dict[str, Any]:
    """Return what `SharesForm` shows of these parameters."""
    return {
        "start": shares.start.value,
        "step": shares.step_cents,
        "stop": shares.stop.value,
        "tail": shares.tail.value,
        "compare": shares.compare,
    }


def field_of(form: Any, problem: Problem) -> Any:
    """Return the field that a path of core means; what no field can mend stands at the ballot type or the method."""
    place, _dot, rest = problem.field.partition(".")
    if place == "ballot":
        return _ballot_field(form, rest)
    if place == "counting":
        return _counting_field(form, rest)
    name = _COST_FIELDS.get(problem.field) or _COST_FIELDS.get(problem.code)
    return form[name] if name else form.type


def _counting_field(form: Any, path: str) -> Any:
    name, _dot, key = path.partition(".")
    if name in {"theme_caps", "area_caps"}:
        return _row_field(form[name], key, "cents") or form.leftovers_ignore_caps
    if name == "equal_shares":
        return form.shares.form.step if key.startswith("step") else form.method
    name = name.partition("[")[0]
    return form[name] if name in form else form.method  # noqa: SIM401 - a form has no get


def _ballot_field(form: Any, path: str) -> Any:
    where, _dot, limit = path.rpartition(".")
    column = {"min_choices": "least", "max_choices": "most", "max_cost_cents": "money"}.get(limit)
    if column is None:
        return form.grouping
    if where == "whole":
        return form[column]
    rows = form.limit_rows(Grouping(form.grouping.data))
    return _row_field(rows, where.removeprefix("per_group."), column) or form.grouping


def _row_field(rows: Rows, key: str, column: str) -> Any:
    return next((row.form[column] for row in rows if row.form.key.data == key), None)
