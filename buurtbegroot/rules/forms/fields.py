"""Parts of the form of the rules: rows per group, equal shares, and the field that a problem of core is about."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField
from wtforms import Form as PlainForm
from wtforms.validators import DataRequired

from buurtbegroot.core.methods import EqualShares, Start, Stop, Tail, Utility
from buurtbegroot.core.plans import Grouping
from buurtbegroot.core.rule_problems import Problem, ProblemCode
from buurtbegroot.core.tally.comparing import EURO_BY_EURO
from buurtbegroot.rules.forms import choices
from buurtbegroot.web.fields import Euros
from buurtbegroot.web.numbers import Count, Percentage
from buurtbegroot.web.rows import Rows

_COST_FIELDS = {
    "plan_cost.min_cents": "cheapest",
    "plan_cost.max_cents": "dearest",
    ProblemCode.PLAN_TOO_CHEAP: "cheapest",
    ProblemCode.PLAN_TOO_DEAR: "dearest",
}
_SHARES_FIELDS = {"step_cents": "step", "step_share": "step_share", "unit_cents": "start", "utility": "utility"}
_GROUP_FIELDS = ("theme_caps", "area_caps", "theme_minimums", "area_minimums")


class LimitsRow(PlainForm):
    """Bounds on the plans of one theme or area."""

    key = HiddenField()
    least = Count(_l("Minstens"))
    most = Count(_l("Hoogstens"))
    money = Euros(_l("Maximum per stem"), least=1)


class CapRow(PlainForm):
    """The most that one theme or area can get in the count."""

    key = HiddenField()
    cents = Euros(_l("Hoogste bedrag"), least=1)


class MinimumRow(PlainForm):
    """What is divided first among the plans of one theme or area."""

    key = HiddenField()
    cents = Euros(_l("Apart bedrag"), least=1)


class SharesForm(PlainForm):
    """The parameters of equal shares; as they come they are the rule that the house proposes."""

    utility = RadioField(
        _l("Welk plan gaat voor?"),
        [DataRequired()],
        choices=choices.SHARES_UTILITIES,
        default=EURO_BY_EURO.utility.value,
    )
    start = RadioField(
        _l("Waarmee begint elke stemmer?"),
        [DataRequired()],
        choices=choices.STARTS,
        default=EURO_BY_EURO.start.value,
    )
    step = Euros(_l("Hoeveel komt er steeds bij, per stemmer?"), least=1, default=EURO_BY_EURO.step_cents)
    step_share = Percentage(_l("Of: hoeveel procent van het begin komt er steeds bij?"))
    stop = RadioField(
        _l("Wanneer komt er niets meer bij?"),
        [DataRequired()],
        choices=choices.STOPS,
        default=EURO_BY_EURO.stop.value,
    )
    tail = RadioField(
        _l("Waar gaat het geld heen dat dan over is?"),
        [DataRequired()],
        choices=choices.TAILS,
        default=EURO_BY_EURO.tail.value,
    )
    compare = BooleanField(_l("Vergelijk met 'meeste stemmen eerst'"))

    def rules(self) -> EqualShares:
        """Return the parameters that the fields say; without a step nothing is added."""
        return EqualShares(
            utility=Utility(self.utility.data),
            start=Start(self.start.data),
            step_cents=self.step.data,
            step_share=self.step_share.data,
            stop=Stop(self.stop.data),
            tail=Tail(self.tail.data),
            compare=bool(self.compare.data),
        )


def shares_values(shares: EqualShares) -> dict[str, Any]:
    """Return what `SharesForm` shows of these parameters."""
    return {
        "utility": shares.utility.value,
        "start": shares.start.value,
        "step": shares.step_cents,
        "step_share": shares.step_share,
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
    name = name.partition("[")[0]
    if name in _GROUP_FIELDS:
        rows = form[name]
        return _row_field(rows, key, "cents") or next((row.form.cents for row in rows), form.method)
    if name == "equal_shares":
        return form.shares.form[_SHARES_FIELDS[key]] if key in _SHARES_FIELDS else form.method
    if name in {"positions", "default_score"}:
        return form.score
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
