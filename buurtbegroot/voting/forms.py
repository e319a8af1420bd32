"""Forms of the booth and of issuing codes; what is done with them is decided in the views."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, HiddenField, RadioField, SelectField
from wtforms.validators import AnyOf, InputRequired, NumberRange

from buurtbegroot.core.rules import Eligibility
from buurtbegroot.voting.models import VoidReason
from buurtbegroot.web.fields import Form, LongText, Text, at_most, required
from buurtbegroot.web.numbers import Count
from buurtbegroot.web.rows import options

MOST_ON_A_PAGE = 500


class CodeForm(Form):
    """A voting code, typed in any spacing and case."""

    stemcode = Text(
        _l("Stemcode"), validators=[InputRequired(_l("Vul uw stemcode in. De code staat in uw brief.")), at_most(100)]
    )


class StartForm(CodeForm):
    """A voting code and the round that it is for; the choices are set by the view."""

    ronde = SelectField(_l("In welke ronde stemt u?"), validate_choice=True)


class DrawForm(Form):
    """What somebody declares who draws a code with an account; what the round does not ask is taken out."""

    leeftijd = BooleanField(validators=[required(_l("Zet een vinkje als dit klopt. Anders kunt u niet stemmen."))])
    wie = BooleanField(validators=[required(_l("Zet een vinkje als dit klopt. Anders kunt u niet stemmen."))])
    zonder = BooleanField(
        _l("Ik heb voor deze ronde nog geen stemcode gekregen, ook niet in een brief"),
        [required(_l("Zet een vinkje als dit klopt. Heeft u al een code, stem dan daarmee."))],
    )

    def ask(self, eligibility: Eligibility) -> None:
        """Word the declarations for a round."""
        if eligibility.minimum_age:
            self.leeftijd.label.text = _("Ik ben %(age)s jaar of ouder", age=eligibility.minimum_age)
        else:
            del self.leeftijd
        if eligibility.who:
            self.wie.label.text = _("Dit geldt voor mij: %(who)s", who=eligibility.who)
        else:
            del self.wie


class PoolForm(Form):
    """How many codes to make for people with an account."""

    accounts = Count(
        _l("Aantal stemcodes voor mensen met een account"),
        validators=[
            InputRequired(_l("Vul een heel getal in.")),
            NumberRange(1, MOST_ON_A_PAGE, _l("Maak op deze pagina 1 tot 500 codes tegelijk.")),
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


class ConfirmOpeningForm(Form):
    """What a second person declares to have looked at, and the fingerprint of what the page showed."""

    gezien = HiddenField(validators=[at_most(64)])
    plannen = BooleanField(
        _l("Ik heb de plannen en hun kosten nagekeken"), [required(_l("Kijk eerst de plannen en hun kosten na."))]
    )
    regels = BooleanField(
        _l("Ik heb de regels en de data nagekeken"), [required(_l("Kijk eerst de regels en de data na."))]
    )


class TurnDownForm(Form):
    """Why somebody turns a request down; whoever made it needs no reason to take it back."""

    reden = LongText(_l("Reden"), [at_most(300)])
