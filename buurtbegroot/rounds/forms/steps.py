"""The forms of the set-up for dates and accord points."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FormField, SelectMultipleField
from wtforms import Form as PlainForm
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from buurtbegroot.core.phases import SCHEDULABLE, Phase, Schedule, Window, schedule_problems
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import schedule_of
from buurtbegroot.rounds.queries.setup import Moved, moved_phases
from buurtbegroot.rounds.words import PHASE_NAMES, moved_words, schedule_problem_words
from buurtbegroot.web.fields import Moment, Text, at_most, refuse, required
from buurtbegroot.web.rows import add_error, options
from buurtbegroot.web.versions import VersionedForm


class WindowRow(PlainForm):
    """The dates of one phase; both empty skips it."""

    begins = Moment(_l("Begin"))
    ends = Moment(_l("Einde"))


class PhasesForm(VersionedForm):
    """Step 2: a begin and an end for each phase; of a public round also why, and whether less time is meant."""

    submission = FormField(WindowRow)
    cocreation = FormField(WindowRow)
    feasibility = FormField(WindowRow)
    voting = FormField(WindowRow)
    counting = FormField(WindowRow)
    realisation = FormField(WindowRow)
    reason = Text(_l("Waarom veranderen de data?"), [Optional(), at_most(300)])
    shorter = BooleanField(_l("Ja, bewoners krijgen minder tijd"))

    def __init__(self, *args: Any, round_: Round, **kwargs: Any) -> None:
        """Name each row after its phase."""
        super().__init__(*args, data=phases_values(round_), version=round_.version, **kwargs)
        self.stored, self.is_public = schedule_of(round_), round_.published_at is not None
        for phase in SCHEDULABLE:
            self[phase.value].label.text = str(PHASE_NAMES[phase])

    def rows(self) -> list[tuple[Phase, Any]]:
        """Return each phase with its row, in the order of the process."""
        return [(phase, self[phase.value].form) for phase in SCHEDULABLE]

    def schedule(self) -> Schedule:
        """Return the phases that have both dates."""
        filled = [(phase, row) for phase, row in self.rows() if row.begins.data and row.ends.data]
        return tuple(Window(phase, row.begins.data, row.ends.data) for phase, row in filled)

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields, then the order of the phases."""
        is_fine: bool = super().validate(extra_validators)
        for _phase, row in self.rows():
            for field, other in ((row.begins, row.ends), (row.ends, row.begins)):
                if field.data is None and other.data is not None and not field.errors:
                    add_error(field, _("Vul begin en einde allebei in, of laat ze allebei leeg."))
        for problem in schedule_problems(self.schedule()) if is_fine and not self.problems() else ():
            place, words = schedule_problem_words(problem)
            add_error(getattr(self[problem.phase.value].form, place), words)
        if self.is_public and not self.problems():
            self._check_change()
        return is_fine and not self.problems()

    @property
    def shortened(self) -> list[Moved]:
        """The phases in which residents get less time than they were told."""
        return [each for each in moved_phases(self.stored, self.schedule()) if each.is_shorter]

    def _check_change(self) -> None:
        if moved_phases(self.stored, self.schedule()) and not self.reason.data:
            add_error(self.reason, _("Schrijf waarom de data veranderen. Iedereen kan dat lezen."))
        if self.shortened and not self.shorter.data:
            told = " ".join(moved_words(each) for each in self.shortened)
            add_error(self.shorter, _("Bewoners krijgen minder tijd. %(phases)s Vink aan dat u dit wilt.", phases=told))


def phases_values(round_: Round) -> dict[str, Any]:
    """Return what the form of step 2 shows of a round."""
    return {window.phase.value: {"begins": window.begins_at, "ends": window.ends_at} for window in round_.windows}


class PointsForm(VersionedForm):
    """Step 4: the accord points that the round carries out."""

    points = SelectMultipleField(
        _l("Bij welke punten van het akkoord hoort de ronde?"),
        [required(_l("Kies minstens één punt. Zo ziet iedereen wat er van een afspraak komt."))],
        validate_choice=False,
        widget=ListWidget(),
        option_widget=CheckboxInput(),
    )

    def validate_points(self, field: SelectMultipleField) -> None:
        """Refuse a point that is not on the list."""
        if not set(field.data or ()) <= self.known:
            refuse(_("Dit punt staat niet in het akkoord. Kies uit de lijst."))

    def __init__(self, *args: Any, offered: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.points.choices, self.known = options(offered), {key for key, _text in offered}
