"""Forms about codes: issuing them, here or elsewhere, the account pool and lost letters."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import RadioField
from wtforms.validators import AnyOf, InputRequired, NumberRange

from buurtbegroot.registry.models import VoidReason
from buurtbegroot.web.fields import Form, Text, at_most, required
from buurtbegroot.web.numbers import Count
from buurtbegroot.web.rows import options

MOST_ON_A_PAGE = 500
MOST_FOR_ACCOUNTS = 150  # each brings two more, for after a backup


class PoolForm(Form):
    """How many codes to make for people with an account."""

    accounts = Count(
        _l("Aantal stemcodes voor mensen met een account"),
        validators=[
            InputRequired(_l("Vul een heel getal in.")),
            NumberRange(1, MOST_FOR_ACCOUNTS, _l("Leg op deze pagina 1 tot 150 codes tegelijk klaar.")),
        ],
    )


class ListForm(Form):
    """The file with commitments that an issuer made on another computer."""

    lijst = FileField(_l("Bestand met controlecodes"), [FileRequired(_l("Kies het bestand met controlecodes."))])

    @property
    def text(self) -> str:
        """What the file says; signs that are no text make a line that is refused."""
        content: bytes = self.lijst.data.read()
        return content.decode("utf-8", errors="replace")


class LetterForm(Form):
    """The code of a lost letter and that of the spare letter in its place."""

    stemcode = Text(
        _l("Code van de brief die vervalt"),
        validators=[required(_l("Vul de code in van de brief die vervalt.")), at_most(100)],
    )
    reserve = Text(_l("Code van de reservebrief voor deze kiezer"), validators=[at_most(100)])


class VoidForm(LetterForm):
    """What the first of two organisers says about a lost letter."""

    reden = RadioField(
        _l("Waarom vervalt de code?"),
        choices=options(
            [
                (VoidReason.LOST.value, _l("De brief is kwijt")),
                (VoidReason.STOLEN.value, _l("De brief is gestolen")),
                (VoidReason.UNDELIVERED.value, _l("De brief kwam niet aan")),
                (VoidReason.DAMAGED.value, _l("De code is niet te lezen")),
            ]
        ),
        validate_choice=False,
        validators=[AnyOf(list(VoidReason), _l("Kies een reden."))],
    )


class BatchForm(Form):
    """How many codes to make."""

    aantal = Count(
        _l("Aantal stemcodes"),
        validators=[
            InputRequired(_l("Vul een heel getal in.")),
            NumberRange(1, MOST_ON_A_PAGE, _l("Maak op deze pagina 1 tot 500 codes tegelijk.")),
        ],
    )
    reserve = Count(
        _l("Aantal reservecodes"),
        default="0",
        validators=[
            InputRequired(_l("Vul een heel getal in.")),
            NumberRange(0, MOST_ON_A_PAGE, _l("Maak op deze pagina 0 tot 500 reservecodes tegelijk.")),
        ],
    )
