"""The form with which somebody asks for an act that needs a reason; what is done with it is decided in the views."""

from flask_babel import lazy_gettext as _l

from buurtbegroot.web.fields import Form, LongText, at_most, required


class ReasonForm(Form):
    """Why somebody asks for an act of two people, for everyone to read."""

    reden = LongText(_l("Waarom?"), [required(_l("Schrijf waarom. Iedereen kan dat lezen.")), at_most(300)])
