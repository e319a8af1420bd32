"""The forms with which administrators keep the accord: a point's plan, its status and its figures."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField
from wtforms.validators import InputRequired

from buurtbegroot import texts, typed
from buurtbegroot.akkoord.words import STANDINGS
from buurtbegroot.web.fields import Form, LongText, Text, at_most, refuse, required
from buurtbegroot.web.versions import VersionedForm

EARLIEST = date(2000, 1, 1)
MOST_PIECES = 1_000_000


class Day(DateField):
    """A day; what cannot be read gets a message in plain words."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what a date input sends; ValueError becomes the message at the field."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(str(_l("Schrijf een dag, bijvoorbeeld 2026-11-30."))) from None


class SourcedForm(Form):
    """What every dated fact needs: a day that has been, and a source."""

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def refuse_other_days(self, day: date | None) -> None:
        """Stop at a day in the future or long before the accord."""
        if day and not EARLIEST <= day <= self.today:
            refuse(str(_l("Kies een dag tussen 2000 en vandaag.")))


class PlanForm(VersionedForm):
    """The five questions that the accord asks at each point."""

    how = LongText(_l("Hoe?"), [at_most(2000)])
    what = LongText(_l("Wat?"), [at_most(2000)])
    when = LongText(_l("Wanneer?"), [at_most(2000)])
    where = LongText(_l("Waar?"), [at_most(2000)])
    with_whom = LongText(_l("Met wie?"), [at_most(2000)])


class StatusForm(SourcedForm):
    """How a point stood on a day, and who says so."""

    happened_on = Day(_l("Op welke dag?"), [InputRequired(_l("Vul een dag in."))])
    standing = SelectField(_l("Hoe staat het punt ervoor?"), [required(_l("Kies een stand."))])
    note = LongText(_l("Toelichting"), [at_most(1000)])
    source = Text(_l("Bron"), [required(_l("Noem de bron: een webadres of de naam van een stuk.")), at_most(500)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.standing.choices = [("", _l("Kies")), *((each.value, str(text)) for each, text in STANDINGS.items())]

    def validate_happened_on(self, field: DateField) -> None:
        """Refuse days that cannot be."""
        self.refuse_other_days(field.data)


class FigureForm(SourcedForm):
    """How much of a target was reached on a day, and who says so."""

    measured_on = Day(_l("Van welke dag is het cijfer?"), [InputRequired(_l("Vul een dag in."))])
    amount = Text(_l("Hoeveel?"), [required(_l("Vul een getal in.")), at_most(20)])
    note = LongText(_l("Zo is het berekend"), [at_most(1000)])
    source = Text(_l("Bron"), [required(_l("Noem de bron: een webadres of de naam van een stuk.")), at_most(500)])
    value = 0

    def __init__(self, *args: Any, is_share: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_share = is_share

    def validate_measured_on(self, field: DateField) -> None:
        """Refuse days that cannot be."""
        self.refuse_other_days(field.data)

    def validate_amount(self, field: Text) -> None:
        """Read a percentage with at most two decimals, or a whole number, into `value`."""
        places, most = (2, 100_00) if self.is_share else (0, MOST_PIECES)
        text = (field.data or "").removesuffix("%")
        try:
            self.value = int(typed.decimal_number(text, texts.marks(), places=places) * 10**places)
        except ValueError:
            self.value = most + 1
        if self.value > most:
            asked = _l("Schrijf een percentage van 0 tot 100, bijvoorbeeld 0,11.")
            refuse(str(asked if self.is_share else _l("Schrijf een heel getal, bijvoorbeeld 12.")))
