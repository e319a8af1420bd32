"""The form of a moderator who judges, and that of somebody who says more about what they reported."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, SelectField
from wtforms.validators import ValidationError

from buurtbegroot.accounts.forms import Email
from buurtbegroot.moderation.actions import Hiding, Ruling
from buurtbegroot.moderation.actions.appeals import Judgement
from buurtbegroot.moderation.domain import Act
from buurtbegroot.moderation.models import Case, CaseState, Ground, Hideable, Reason
from buurtbegroot.moderation.words import ACTS, GROUNDS, REASONS
from buurtbegroot.web.fields import Form, LongText, at_most, required
from buurtbegroot.web.rows import options
from buurtbegroot.web.versions import VersionedForm


class CaseForm(VersionedForm):
    """What is done, and why in a reason of the list that goes with it; `zaak` says how many judgements the page knows.

    `reden` is why words may not be read, `grond` why they may; only that of what is done counts.
    """

    NAMES = ACTS

    doe = RadioField(_l("Wat doet u?"), [required(_l("Kies wat u doet."))], validate_choice=False)
    reden = SelectField(_l("Waarom mag dit niet?"), validate_choice=False)
    grond = SelectField(_l("Waarom mag dit wel?"), validate_choice=False)
    zaak = HiddenField()

    def __init__(self, *, thing: Hideable, case: Case | None, **kwargs: Any) -> None:
        """Begin with what is hidden of the thing now."""
        begin: dict[str, Any] = {"zaak": str(case.rulings if case else 0)}
        self.NAMES = {**self.NAMES, Act.HIDE: _l("Laat verborgen")} if thing.hidden_at else self.NAMES
        if thing.hidden_at:
            begin |= {"reden": thing.hidden_because, "titel": thing.hides_title}
        super().__init__(version=thing.version, data=begin, **kwargs)
        self.acts = acts = acts_on(thing, case)
        self.doe.choices = options((act, self.NAMES[act]) for act in acts)
        nothing = ("", _("Kies een reden"))
        self.reden.choices = options([nothing, *REASONS.items()])
        self.grond.choices = options([nothing, *((each, GROUNDS[each]) for each in grounds_for(thing, case))])

    def validate_doe(self, field: Any) -> None:
        """Take only what can be done with the thing now."""
        if field.data not in self.acts:
            raise ValidationError(_("Kies wat u doet."))

    def validate_reden(self, field: Any) -> None:
        """Ask why words may not be read, when they are hidden or must change."""
        self._ask(field, {Act.ASK, Act.HIDE})

    def validate_grond(self, field: Any) -> None:
        """Ask why words may be read, when they stay or are shown again."""
        self._ask(field, {Act.KEEP, Act.SHOW})

    def _ask(self, field: Any, acts: set[Act]) -> None:
        if self.doe.data not in acts:
            return
        if not field.data:
            raise ValidationError(_("Kies een reden."))
        if field.data not in {choice.value for choice in field.choices}:
            raise ValidationError(_("Kies een reden uit de lijst."))

    def knows(self, case: Case | None) -> bool:
        """Tell whether the page knew all that was decided by now."""
        return self.zaak.data == str(case.rulings if case else 0)


class RulingForm(CaseForm):
    """The same, with words for the maker, and whether the title goes too."""

    uitleg = LongText(_l("Uw uitleg aan wie het schreef"), [at_most(1_000)])
    titel = BooleanField(_l("Verberg ook de titel"))

    def to_ruling(self) -> tuple[Act, Ruling]:
        """Return what is asked, once it is valid."""
        act = Act(self.doe.data)
        said: dict[str, Any] = {"explained": self.uitleg.data or "", "rulings": int(self.zaak.data or 0)}
        if act is Act.HIDE:
            return act, Hiding(reason=Reason(self.reden.data), title_too=self.titel.data, **said)
        if act is Act.ASK:
            return act, Ruling(reason=Reason(self.reden.data), **said)
        return act, Ruling(reason=Ground(self.grond.data), **said)


class JudgementForm(CaseForm):
    """What another moderator says of an appeal: it shows again, or stays hidden, with a reason in words for the maker.

    `to_judgement` is for a form that is valid.
    """

    NAMES = {**ACTS, Act.HIDE: _l("Blijft verborgen")}  # noqa: RUF012 - nobody changes it
    uitleg = LongText(_l("Uw reden"), [required(_l("Schrijf uw reden op.")), at_most(1_000)])

    def to_judgement(self) -> Judgement:
        """Return what is judged, once it is valid."""
        act = Act(self.doe.data)
        reason = Ground(self.grond.data) if act is Act.SHOW else Reason(self.reden.data)
        said = self.uitleg.data or ""
        return Judgement(shown=act is Act.SHOW, reason=reason, explained=said, rulings=int(self.zaak.data or 0))


class AppealForm(Form):
    """Why the maker wants back what was hidden."""

    woorden = LongText(
        _l("Waarom moet het terugkomen?"), [required(_l("Schrijf op waarom het terug moet komen.")), at_most(1_000)]
    )


class MoreForm(Form):
    """What somebody says about what they reported, and where to answer; both may stay empty."""

    woorden = LongText(_l("Uw woorden"), [at_most(500)])
    mail = Email(_l("Uw e-mailadres"), [at_most(254)])


def grounds_for(thing: Hideable, case: Case | None) -> list[Ground]:
    """Return why a thing may be read as it is now: a hidden one after a mistake, a changed one when it was adjusted."""
    found = [Ground.OPINION, Ground.ALLOWED]
    found += [Ground.ADJUSTED] if case and case.has_changed else []
    return found + ([Ground.MISTAKE] if thing.hidden_at else [])


def acts_on(thing: Hideable, case: Case | None) -> tuple[Act, ...]:
    """Return what can be done with a thing now."""
    if thing.hidden_at:
        return Act.SHOW, Act.HIDE
    waits = case is not None and case.state in {CaseState.OPEN, CaseState.ASKED}
    return (*((Act.KEEP,) if waits else ()), Act.ASK, Act.HIDE)
