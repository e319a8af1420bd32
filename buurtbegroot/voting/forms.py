"""Forms of the booth and of issuing codes; what is done with them is decided in the views."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.validators import InputRequired, NumberRange

from buurtbegroot.rounds.form_fields import Count
from buurtbegroot.web.fields import Form, Text, at_most

MOST_ON_A_PAGE = 500


class CodeForm(Form):
    """A voting code, typed in any spacing and case."""

    stemcode = Text(
        _l("Stemcode"), validators=[InputRequired(_l("Vul uw stemcode in. De code staat in uw brief.")), at_most(100)]
    )


class StartForm(CodeForm):
    """A voting code and the round that it is for; the choices are set by the view."""

    ronde = SelectField(_l("In welke ronde stemt u?"), validate_choice=True)


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
