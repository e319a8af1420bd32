"""The forms of a plan: the resident's own, with its sum, and the organiser's decision."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from wtforms import BooleanField, FieldList, FormField, RadioField, SelectField, SelectMultipleField
from wtforms.fields import Field

from buurtbegroot.accounts.forms import PublicName, PublishingForm
from buurtbegroot.akkoord.models import Point
from buurtbegroot.core.rules import Ruleset
from buurtbegroot.proposals.actions import Verdict
from buurtbegroot.proposals.domain.drafts import (
    LEAST_CENTS,
    LINE_PARTS,
    MOST_LINES,
    TEXTS,
    Draft,
    DraftLine,
    Lack,
    cost_shortcomings,
    shortcomings,
)
from buurtbegroot.proposals.models import Answer, Proposal
from buurtbegroot.proposals.queries import points_to_choose, typed_line, typed_texts
from buurtbegroot.proposals.words import ANSWERS, QUESTIONS, sentence
from buurtbegroot.rounds.models import Criterion, Round
from buurtbegroot.waiting.forms import VisitorForm
from buurtbegroot.web.fields import MOST_CENTS, Euros, Form, LongText, Text, at_most, refuse, required
from buurtbegroot.web.locale import NAMES, SOURCE
from buurtbegroot.web.numbers import Count
from buurtbegroot.web.rows import options
from buurtbegroot.web.versions import VersionedForm
from buurtbegroot.web.versions.merging import Values

EMPTY_LINES = 3


class Needed:
    """Marks a field that is needed in the end, not for a concept or a refusal; other checks tell."""

    field_flags = {"required": True}  # noqa: RUF012  (WTForms reads it from the class)

    def __call__(self, form: Any, field: Any) -> None:
        """Accept everything."""


class LineForm(Form):
    """One line of the sum; a line in which nothing is typed does not count."""

    class Meta:
        """The form around it carries the token."""

        csrf = False

    what = Text(_l("Wat"), [at_most(120)])
    quantity = Count(_l("Aantal"), default=1)  # type: ignore[arg-type]  # its stubs know text only
    unit_cents = Euros(_l("Prijs per stuk"))
    source = Text(_l("Hoe weet u de prijs?"), [at_most(300)])
    yearly = BooleanField(_l("Onderhoud (aantal is jaren)"))

    @property
    def is_empty(self) -> bool:
        """Whether nobody typed anything in this line."""
        price = self.unit_cents.raw_data or [self.unit_cents.data]
        return not (self.what.data or self.source.data or self.yearly.data) and price[0] in ("", None)

    @property
    def is_counted(self) -> bool:
        """Whether the line has a number and a price, so that it is part of the sum."""
        return bool(self.quantity.data) and self.unit_cents.data is not None

    def validate_what(self, field: Text) -> None:
        """A price needs a thing."""
        if not field.data and not self.is_empty:
            refuse(_l("Schrijf waar dit bedrag voor is."))

    def validate_quantity(self, field: Count) -> None:
        """So many pieces or years, at least one."""
        if not self.is_empty and not field.data:
            refuse(_l("Schrijf een heel getal, bijvoorbeeld 3."))

    def validate_unit_cents(self, field: Euros) -> None:
        """A thing needs a price; 0 is one."""
        if field.data is None and not self.is_empty:
            refuse(_l("Schrijf wat één stuk kost, bijvoorbeeld 125 of 12,50."))

    def line(self) -> DraftLine:
        """Return what was typed, once it is valid."""
        return DraftLine(
            what=self.what.data or "",
            quantity=self.quantity.data or 0,
            unit_cents=self.unit_cents.data or 0,
            source=self.source.data or "",
            yearly=self.yearly.data,
        )


class ProposalForm(VisitorForm, VersionedForm):
    """What the maker of a plan fills in; only a title is needed to keep it as a concept."""

    title = Text(_l("Hoe heet uw plan?"), [required(_l("Geef uw plan een naam.")), at_most(120)])
    summary = LongText(_l("Uw plan in het kort"), [Needed(), at_most(300)])
    language = SelectField(
        _l("In welke taal schrijft u?"), choices=options(NAMES.items()), default=SOURCE, validate_choice=False
    )
    body = LongText(_l("Wat wilt u doen, en waarom?"), [Needed(), at_most(10_000)])
    theme = SelectField(_l("Thema"), [Needed()], validate_choice=False)
    buurt = SelectField(_l("Buurt"), validate_choice=False)
    place = Text(_l("Plek"), [at_most(120)])
    lines = FieldList(FormField(LineForm), _l("Kosten"), min_entries=1, max_entries=MOST_LINES)
    points = SelectMultipleField(_l("Akkoordpunten"), validate_choice=False)
    help_wanted = Text(_l("Welke hulp zoekt u?"), [at_most(300)])
    author_name = PublicName(_l("Uw naam bij het plan"), [Needed(), at_most(80)])

    def __init__(self, *, round_: Round, points: Sequence[Point], version: int = 0, **kwargs: Any) -> None:
        """Offer the choices that this round and this edition of the accord know; version 0 is a new plan."""
        super().__init__(version=version, **kwargs)
        self._round = round_
        themes = [(str(theme.id), theme.name) for theme in round_.themes]
        buurten = [(buurt.code, buurt.name) for buurt in round_.buurten]
        self.theme.choices = options([("", _l("Kies een thema")), *themes])
        self.buurt.choices = options([("", _l("Het hele gebied")), *buurten])
        self.points.choices = options((str(point.id), point.title) for point in points)

    def validate_theme(self, field: SelectField) -> None:
        """Only the themes of the round."""
        _refuse_unknown(field, [field.data or ""], str(_l("Kies een thema uit de lijst.")))

    def validate_language(self, field: SelectField) -> None:
        """Only languages that pages can tell apart."""
        _refuse_unknown(field, [field.data or ""], str(_l("Kies een taal uit de lijst.")))

    def validate_buurt(self, field: SelectField) -> None:
        """Only the buurten of the round."""
        _refuse_unknown(field, [field.data or ""], str(_l("Kies een buurt uit de lijst.")))

    def validate_points(self, field: SelectMultipleField) -> None:
        """Only points that were offered."""
        _refuse_unknown(field, field.data or [], str(_l("Kies akkoordpunten uit de lijst.")))

    def validate_lines(self, _field: Field) -> None:
        """All lines together stay an amount that can be kept."""
        if sum(line.quantity * line.unit_cents for line in self._lines()) > MOST_CENTS:
            refuse(_l("Deze bedragen kunnen niet. Kijk of er een nul te veel staat."))

    def _lines(self) -> list[DraftLine]:
        return [entry.form.line() for entry in self.lines if not entry.form.is_empty and entry.form.is_counted]

    def draft(self) -> Draft:
        """Return what was typed, once it is valid."""
        themes = {str(theme.id): theme for theme in self._round.themes}
        buurten = {buurt.code: buurt for buurt in self._round.buurten}
        return Draft(
            **{name: self[name].data or "" for name in TEXTS},
            theme=themes.get(self.theme.data),
            buurt=buurten.get(self.buurt.data),
            lines=tuple(self._lines()),
            point_ids=frozenset(int(point) for point in self.points.data or ()),
        )

    def lacks_nothing(self, rules: Ruleset | None) -> bool:
        """Tell whether this can be a submitted plan; what lacks is added as a message at its field."""
        found = shortcomings(self.draft(), rules, has_themes=bool(self._round.themes))
        for shortcoming in found:
            _add_message(self[_FIELD_OF.get(shortcoming.lack, "lines")], sentence(shortcoming))
        return not found

    def sum_cents(self) -> int:
        """Return the sum of the lines that make sense, in cents."""
        return sum(line.quantity * line.unit_cents for line in self._lines())


class SubmitForm(PublishingForm, VersionedForm):
    """Making a plan public, after a last look."""


_FIELD_OF = {
    Lack.NO_SUMMARY: "summary",
    Lack.NO_BODY: "body",
    Lack.NO_THEME: "theme",
    Lack.NO_AUTHOR_NAME: "author_name",
    Lack.NO_POT: "theme",
}


def filled_in(proposal: Proposal, *, own: bool) -> dict[str, Any]:
    """Return the values with which the form of a saved plan begins: as everyone reads it, or all that was typed."""
    lines = [typed_line(line) if own else {name: getattr(line, name) for name in LINE_PARTS} for line in proposal.lines]
    texts = typed_texts(proposal) if own else {name: getattr(proposal, name) for name in TEXTS}
    return texts | {
        "theme": str(proposal.theme_id or ""),
        "buurt": proposal.buurt_code or "",
        "points": [str(point.id) for point in proposal.points],
        "lines": lines or [{}] * EMPTY_LINES,
    }


def form_of_plan(session: Session, proposal: Proposal, *, own: bool = False, **how: Any) -> ProposalForm:
    """Return the form of a saved plan, for its `own` maker with all that is hidden from others."""
    points, data = points_to_choose(session, proposal.round), filled_in(proposal, own=own)
    return ProposalForm(data=data, round_=proposal.round, points=points, version=proposal.version, **how)


class DecisionForm(VersionedForm):
    """What an organiser decides about a plan, question by question; refusing needs no answers, only a reason."""

    verdict = RadioField(
        _l("Kan dit plan?"),
        [required(_l("Kies: toelaten of weigeren."))],
        choices=options([("toelaten", _l("Ja, toelaten")), ("weigeren", _l("Nee, weigeren"))]),
        validate_choice=False,
    )
    cost_cents = Euros(_l("Gecontroleerde kosten"), [Needed()])
    reason = LongText(_l("Reden, in gewone taal"), [required(_l("Schrijf de reden op.")), at_most(2_000)])

    def __init__(self, *, plan: ProposalForm, proposal: Proposal, rules: Ruleset | None, **kwargs: Any) -> None:
        """Say which plan is decided on, as `plan` shows it, under which rules."""
        self.plan, self._proposal, self._rules = plan, proposal, rules
        super().__init__(version=proposal.version, data=decided(proposal), **kwargs)
        for criterion in set(Criterion) - set(proposal.round.questions):
            del self[criterion.value]

    def shown(self) -> Values:
        """Return what the page shows of the plan; what was decided on it before tells the log."""
        return self.plan.shown()

    @property
    def questions(self) -> list[Field]:
        """The field of each question, in the order of the page."""
        return [self[criterion.value] for criterion in self._proposal.round.questions]

    def validate_verdict(self, field: RadioField) -> None:
        """One of two."""
        _refuse_unknown(field, [field.data], str(_l("Kies: toelaten of weigeren.")))

    def validate_cost_cents(self, field: Euros) -> None:
        """A plan that is admitted has a cost that its pot can pay."""
        if self.verdict.data != "toelaten":
            return
        if not field.data:
            refuse(_l("Vul in wat het plan kost. Dat bedrag staat op het stembiljet."))
        if field.data and field.data < LEAST_CENTS:
            refuse(_l("Een plan op het stembiljet kost ten minste 1 euro."))
        if self._rules and field.data:
            plan = self._proposal
            for shortcoming in cost_shortcomings(field.data, self._rules, theme=plan.theme, buurt=plan.buurt):
                refuse(sentence(shortcoming))

    def to_verdict(self) -> Verdict:
        """Return the decision, once it is valid."""
        answers = {criterion: self[criterion.value].data for criterion in self._proposal.round.questions}
        return Verdict(
            admitted=self.verdict.data == "toelaten",
            reason=self.reason.data or "",
            cost_cents=self.cost_cents.data or 0,
            answers={criterion: Answer(value) for criterion, value in answers.items() if value},
        )


def _question(form: DecisionForm, field: RadioField) -> None:
    """A plan that is admitted passes every question; an unknown answer is none."""
    if field.data and field.data not in set(Answer):
        refuse(str(_l("Kies een antwoord uit de lijst.")))
    if form.verdict.data != "toelaten":
        return
    if not field.data:
        refuse(str(_l("Beantwoord deze vraag: %(question)s")) % {"question": field.label.text})
    if field.data == Answer.NO:
        refuse(str(_l("Een plan met het antwoord nee kan niet worden toegelaten: %(q)s")) % {"q": field.label.text})


for _criterion in Criterion:
    _answers = options((answer.value, text) for answer, text in ANSWERS.items())
    _label: Any = QUESTIONS[_criterion]  # looked up by each reader, which the types of WTForms do not know
    _field = RadioField(_label, [_question], choices=_answers, validate_choice=False)
    setattr(DecisionForm, _criterion.value, _field)


def decided(proposal: Proposal) -> dict[str, Any]:
    """Return the values with which the form of a decision begins: the latest one, or the resident's estimate."""
    if not proposal.decisions:
        return {"cost_cents": proposal.estimate_cents or None}
    latest = proposal.decisions[-1]
    verdict = "toelaten" if latest.admitted else "weigeren"
    return {"verdict": verdict, "cost_cents": latest.cost_cents or None, "reason": latest.reason} | latest.answers


def _refuse_unknown(field: Any, values: Sequence[str], message: str) -> None:
    known = {choice.value for choice in field.choices}
    if any(value not in known for value in values):
        refuse(message)


def _add_message(field: Any, message: str) -> None:
    field.errors = [*field.errors, message]
