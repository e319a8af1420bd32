"""The forms of the set-up for dates and accord points."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form as PlainForm
from wtforms import FormField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from buurtbegroot.core.phases import SCHEDULABLE, Phase, Schedule, Window, schedule_problems
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.words import PHASE_NAMES, schedule_problem_words
from buurtbegroot.web.fields import Moment, refuse, required
from buurtbegroot.web.rows import RowsForm, add_error, options
from buurtbegroot.web.versions import VersionedForm


class WindowRow(PlainForm):
    """The dates of one phase; both empty skips it."""

    begins = Moment(_l("Begin"))
    ends = Moment(_l("Einde"))


class PhasesForm(VersionedForm, RowsForm):
    """Step 2: a begin and an end for each phase."""

    submission = FormField(WindowRow)
    cocreation = FormField(WindowRow)
    feasibility = FormField(WindowRow)
    voting = FormField(WindowRow)
    counting = FormField(WindowRow)
    realisation = FormField(WindowRow)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Name each row after its phase."""
        super().__init__(*args, **kwargs)
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
        return is_fine and not self.problems()


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
