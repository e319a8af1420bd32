"""The form of the rules: from fields to a Ruleset, with what core finds wrong at the field that must change."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, FormField, RadioField
from wtforms.validators import DataRequired, Optional

from buurtbegroot.core.counting_problems import BY_SHARES, BY_UTILITY
from buurtbegroot.core.methods import Method, Score, Utility
from buurtbegroot.core.plans import Grouping, Plan
from buurtbegroot.core.rule_problems import ProblemCode, problems
from buurtbegroot.core.rules import (
    BallotRules,
    BallotType,
    CountingRules,
    Eligibility,
    Limits,
    PlanCost,
    RestRule,
    Ruleset,
    TieKey,
)
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries.setup import WHOLE, pot_rules, pots_by
from buurtbegroot.rules.forms import choices
from buurtbegroot.rules.forms.fields import CapRow, LimitsRow, MinimumRow, SharesForm, field_of
from buurtbegroot.rules.forms.values import MOST_GROUPS, merged, rules_values, shown_groups
from buurtbegroot.rules.words import rule_problem_words
from buurtbegroot.web.fields import Euros, LongText, Text, at_most, required
from buurtbegroot.web.numbers import Count, Percentage
from buurtbegroot.web.rows import Rows, add_error
from buurtbegroot.web.versions import VersionedForm
from buurtbegroot.web.versions.values import flat

MOST_NAMED = 5
Titled = tuple[int, str]
PlansUnder = Callable[[Ruleset], Sequence[Plan]]


class RulesForm(VersionedForm):
    """Step 3: how residents choose, how votes are counted, who may vote; it changes nothing that nobody touched."""

    type = RadioField(_l("Hoe kiezen bewoners?"), [required(_l("Kies hoe bewoners stemmen."))], choices=choices.BALLOTS)
    least = Count(_l("Minstens"))
    most = Count(_l("Hoogstens"))
    money = Euros(_l("Maximum per stem"), least=1)
    grouping = RadioField(
        _l("Gelden er grenzen per thema of gebied?"),
        [required(_l("Kies of er grenzen per thema of gebied zijn."))],
        choices=choices.GROUPINGS,
        default=WHOLE,
    )
    theme_limits = Rows(FormField(LimitsRow), _l("Grenzen per thema"), max_entries=MOST_GROUPS)
    area_limits = Rows(FormField(LimitsRow), _l("Grenzen per gebied"), max_entries=MOST_GROUPS)
    method = RadioField(
        _l("Hoe wordt geteld?"), [DataRequired()], choices=choices.METHODS, default=Method.MOST_VOTES.value
    )
    shares = FormField(SharesForm, _l("Gelijke delen"))
    rest = RadioField(
        _l("En als een plan niet meer past?"),
        [required(_l("Kies wat er gebeurt als een plan niet meer past."))],
        choices=choices.RESTS,
        default=RestRule.SKIP.value,
    )
    ties = RadioField(
        _l("En bij evenveel stemmen?"),
        [required(_l("Kies wat er gebeurt bij evenveel stemmen."))],
        choices=choices.TIES,
        default=TieKey.CHEAPEST_FIRST.value,
    )
    min_votes = Count(_l("Minimum aantal stemmen voor een plan"))
    min_share = Percentage(_l("Minimum deel van de stemmen, in procenten"))
    theme_caps = Rows(FormField(CapRow), _l("Hoogste bedrag per thema bij het tellen"), max_entries=MOST_GROUPS)
    area_caps = Rows(FormField(CapRow), _l("Hoogste bedrag per gebied bij het tellen"), max_entries=MOST_GROUPS)
    leftovers_ignore_caps = BooleanField(_l("Blijft er geld over? Kijk dan opnieuw, zonder deze grenzen"))
    incompatible = LongText(_l("Plannen die niet samen kunnen"), [Optional(), at_most(2000)])
    requires = LongText(_l("Plannen die een ander plan nodig hebben"), [Optional(), at_most(2000)])
    theme_minimums = Rows(FormField(MinimumRow), _l("Apart bedrag per thema"), max_entries=MOST_GROUPS)
    area_minimums = Rows(FormField(MinimumRow), _l("Apart bedrag per gebied"), max_entries=MOST_GROUPS)
    support_per_cost = Percentage(_l("Meer stemmen voor een duur plan, in procenten"))
    top_up_from = Percentage(_l("Het laatste plan aanvullen vanaf, in procenten"))
    utility = RadioField(
        _l("Hoe zwaar telt een plan?"),
        [DataRequired()],
        choices=choices.UTILITIES,
        default=Utility.COUNT.value,
    )
    score = RadioField(_l("Wat telt een keuze?"), [DataRequired()], choices=choices.SCORES, default=Score.VOTES.value)
    minimum_age = Count(_l("Vanaf welke leeftijd mag iemand stemmen?"))
    who = Text(_l("Wie mag stemmen?"), [Optional(), at_most(200)])
    cheapest = Euros(_l("Een plan kost minstens"))
    dearest = Euros(_l("Een plan kost hoogstens"), least=1)

    def __init__(
        self,
        *args: Any,
        round_: Round,
        stored: Ruleset | None,
        titles: Mapping[int, Titled],
        plans: PlansUnder,
        **kwargs: Any,
    ) -> None:
        """`titles` has id and title of each plan on the ballot by its lot number; `plans` groups them under rules."""
        self.round, self.stored, self.titles, self.plans_under = round_, stored, titles, plans
        self.numbers = {number: plan for number, (plan, _title) in titles.items()}
        self.names = {
            plan: _("Plan %(number)s (%(title)s)", number=number, title=title)
            for number, (plan, title) in titles.items()
        }
        super().__init__(*args, data=rules_values(round_, stored, numbers=self.numbers), **kwargs)
        if stored is not None:
            choices.offer_stored(self, stored.counting)

    def after_choices(self, formdata: Any) -> MultiDict[str, str]:
        """Return the form that follows from the choices, with a row for each group in which nothing is filled in."""
        sent = super().after_choices(formdata)
        for name, rows in rules_values(self.round, self.stored, numbers=self.numbers).items():
            if isinstance(self[name], Rows):
                filled = [value for key, value in sent.items() if key.startswith(f"{name}-") and key.endswith("-key")]
                for place, row in enumerate(row for row in rows if row["key"] not in filled):
                    sent.add(f"{name}-{len(filled) + place}-key", row["key"])
        return sent

    @property
    def asks_utility(self) -> bool:
        """Whether the rules have a method, or a weight of plans, of which the form is to show the choice."""
        counting = self.stored.counting if self.stored else CountingRules()
        return counting.method in BY_UTILITY or counting.utility is not Utility.COUNT

    @property
    def asks_score(self) -> bool:
        """Whether the rules make more of a choice than one vote."""
        return self.stored is not None and self.stored.counting.score is not Score.VOTES

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields, then what core says about the rules as a whole."""
        is_fine: bool = super().validate(extra_validators)
        self._check_numbers(self.incompatible)
        self._check_numbers(self.requires)
        self._check_age()
        if is_fine and not self.problems():
            self._check_whole(self.ruleset())
        return is_fine and not self.problems()

    def _check_whole(self, rules: Ruleset) -> None:
        """Put what core finds at the fields; of many plans with one fault the first are named, the rest counted."""
        told: Counter[ProblemCode] = Counter()
        for problem in problems(rules, self.round.budget_cents, self.plans_under(rules)):
            told[problem.code] += "plan" in problem.params
            if told[problem.code] <= MOST_NAMED:
                add_error(field_of(self, problem), rule_problem_words(problem, self.names))
        if more := sum(max(0, number - MOST_NAMED) for number in told.values()):
            message = ngettext("En nog %(num)s plan dat niet past.", "En nog %(num)s plannen die niet passen.", more)
            add_error(self.type, message)

    def ruleset(self) -> Ruleset:
        """Return the rules that the fields say, with the money of the round; what was not touched is as it was."""
        said = self._said()
        if self.stored is None:
            return said
        stored, shown = self.stored, self._untouched()._said()
        if said.ballot.grouping is not stored.ballot.grouping:
            stored = replace(stored, ballot=replace(stored.ballot, per_group={}))
        return replace(merged(stored, shown, said), pots=said.pots, pots_by=said.pots_by)

    def _untouched(self) -> "RulesForm":
        """Return this form as it comes back when nobody changes it."""
        again = partial(
            RulesForm,
            round_=self.round,
            stored=self.stored,
            titles=self.titles,
            plans=self.plans_under,
            version=self.version,
            meta={"csrf": False},
        )
        return again(flat(again(None).shown()))

    def _said(self) -> Ruleset:
        return Ruleset(
            pots=pot_rules(self.round),
            pots_by=pots_by(self.round),
            ballot=self._ballot(),
            counting=self._counting(),
            plan_cost=PlanCost(min_cents=self.cheapest.data or None, max_cents=self.dearest.data),
            eligibility=Eligibility(minimum_age=self.minimum_age.data, who=(self.who.data or "").rstrip(" .")),
        )

    def _ballot(self) -> BallotRules:
        kind = BallotType(self.type.data)
        grouping = None if self.grouping.data == WHOLE else Grouping(self.grouping.data)
        per_group = self._limits_per_group(kind, grouping) if grouping else {}
        in_groups = any(limits.max_cost_cents for limits in per_group.values())
        money = self.money.data if kind is BallotType.KNAPSACK else None
        if kind is BallotType.KNAPSACK and money is None and not in_groups:
            money = self.round.budget_cents or None
        return BallotRules(
            type=kind,
            whole=Limits(min_choices=_default(self.least.data, 1), max_choices=self.most.data, max_cost_cents=money),
            grouping=grouping,
            per_group=per_group,
        )

    def _limits_per_group(self, kind: BallotType, grouping: Grouping) -> dict[str, Limits]:
        ballot = self.stored.ballot if self.stored else BallotRules()
        known = shown_groups(self.round, grouping, ballot.per_group if ballot.grouping is grouping else {})
        filled = {
            row.form.key.data: Limits(
                min_choices=row.form.least.data or 0,
                max_choices=row.form.most.data,
                max_cost_cents=row.form.money.data if kind is BallotType.KNAPSACK else None,
            )
            for row in self.limit_rows(grouping)
        }
        return {key: limits for key, limits in filled.items() if key in known and limits != Limits()}

    def limit_rows(self, grouping: Grouping | None) -> Rows:
        """Return the rows with the limits of the themes or of the areas."""
        return self.area_limits if grouping is Grouping.AREA else self.theme_limits

    def _counting(self) -> CountingRules:
        method, score = Method(self.method.data), Score(self.score.data)
        had = self.stored.counting if self.stored else CountingRules()
        return CountingRules(
            method=method,
            equal_shares=self.shares.form.rules() if method in BY_SHARES else None,
            # What belongs to a method, or to points, goes when the coordinator chooses another.
            utility=Utility(self.utility.data) if method in {had.method, *BY_UTILITY} else Utility.COUNT,
            score=score,
            positions=had.positions if score is Score.POSITIONS else (),
            default_score=had.default_score if score is Score.POINTS else 0,
            rest=RestRule(self.rest.data),
            top_up_from=self.top_up_from.data,
            min_votes=_default(self.min_votes.data, 1),
            min_share=self.min_share.data,
            support_per_cost=self.support_per_cost.data,
            theme_caps=self._cents(self.theme_caps, Grouping.THEME, had.theme_caps),
            area_caps=self._cents(self.area_caps, Grouping.AREA, had.area_caps),
            leftovers_ignore_caps=bool(self.leftovers_ignore_caps.data),
            theme_minimums=self._cents(self.theme_minimums, Grouping.THEME, had.theme_minimums),
            area_minimums=self._cents(self.area_minimums, Grouping.AREA, had.area_minimums),
            incompatible=tuple(tuple(sorted(map(self._plan, line))) for line in _lines(self.incompatible)),
            requires=tuple(
                (self._plan(line[0]), self._plan(other)) for line in _lines(self.requires) for other in line[1:]
            ),
            ties=choices.ties_of(self.ties.data),
        )

    def _plan(self, number: int) -> int:
        """Return the id of a plan by its lot number; of none that is 0."""
        return self.numbers.get(number, 0)

    def _cents(self, rows: Rows, grouping: Grouping, had: Mapping[str, int]) -> dict[str, int]:
        known = shown_groups(self.round, grouping, had)
        return {
            row.form.key.data: row.form.cents.data for row in rows if row.form.key.data in known and row.form.cents.data
        }

    def _check_numbers(self, field: LongText) -> None:
        """Refuse lines with numbers of no plan, unless they stand as they are stored: of those core says what is."""
        if field.data == field.object_data:
            return
        for line in _lines(field):
            if unknown := [str(number) for number in line if number not in self.numbers]:
                names = ", ".join(unknown)
                message = _(
                    "Plan %(numbers)s staat niet op het stembiljet. Gebruik de nummers van de plannen.", numbers=names
                )
                add_error(field, message)
                return
        if field is self.requires and any(len(line) < 2 for line in _lines(field)):
            add_error(field, _("Noem op elke regel eerst het plan, en dan welk plan het nodig heeft."))

    def _check_age(self) -> None:
        if self.minimum_age.data is not None and self.minimum_age.data > 120:
            add_error(self.minimum_age, _("Kies een leeftijd tot 120 jaar."))


def _lines(field: LongText) -> list[list[int]]:
    """Return the lot numbers on each line; words that are no small numbers count as 0, which no plan has."""
    lines = (line.replace(",", " ").split() for line in (field.data or "").splitlines())
    return [
        [int(word) if word.isascii() and word.isdigit() and len(word) < 7 else 0 for word in line]
        for line in lines
        if line
    ]


def _default(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value
