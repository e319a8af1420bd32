"""Forms of the booth and of opening it; what is done with them is decided in the views."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, SelectField
from wtforms.validators import InputRequired

from buurtbegroot.core.rules import Eligibility
from buurtbegroot.web.fields import Form, LongText, Text, at_most, required


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


class ConfirmWithdrawalForm(Form):
    """What a second person declares to have looked at, and the fingerprint of what the page showed."""

    gezien = HiddenField(validators=[at_most(64)])
    nagekeken = BooleanField(
        _l("Ik heb het plan en de reden nagekeken"), [required(_l("Kijk eerst het plan en de reden na."))]
    )
