"""Forms for signing in, the second factor, one's own account and the roles of others."""

from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import BooleanField, RadioField, SelectField
from wtforms.fields import Field
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its published types
from wtforms.validators import Optional
from wtforms.widgets import EmailInput

from buurtbegroot.accounts.models import Role
from buurtbegroot.accounts.policy import may_be_called
from buurtbegroot.accounts.queries import areas_called
from buurtbegroot.accounts.words import CLAIMS_OFFICE
from buurtbegroot.areas.models import Area
from buurtbegroot.extensions import db
from buurtbegroot.web.fields import Form, LongText, Text, at_most, refuse, required
from buurtbegroot.web.locale import NAMES
from buurtbegroot.web.versions import VersionedForm

ROLES = {
    Role.COORDINATOR: _l("Coördinator"),
    Role.STAFF: _l("Medewerker stadsdeel"),
    Role.ADMINISTRATOR: _l("Beheerder"),
}
ROLE_CHOICES = [
    SelectChoice("", _l("Kies een taak")),
    *(SelectChoice(role.value, name) for role, name in ROLES.items()),
]


class Email(Text):
    """An e-mail address; `normalised` is the form in which accounts keep it, once the field is valid."""

    widget = EmailInput()
    max_length = 254  # the validator's own limit, that of the standard
    normalised: str

    def pre_validate(self, _form: object) -> None:
        """Refuse what cannot be an address; whether somebody reads it is shown by the mail itself."""
        if not self.data:
            return
        try:
            found = validate_email(self.data, check_deliverability=False, allow_smtputf8=False)
        except EmailNotValidError:
            refuse(_l("Dit is geen e-mailadres. Een voorbeeld: naam@voorbeeld.nl."))
        else:
            self.normalised = (found.ascii_email or found.normalized).lower()


class PublicName(Text):
    """The name under which everyone reads what somebody writes: their own, not one that claims to decide."""

    def pre_validate(self, _form: object) -> None:
        """Refuse the name of who decides, unless a role says so."""
        if self.data and not may_be_called(current_user._get_current_object(), self.data):
            refuse(str(CLAIMS_OFFICE))


class SignInForm(Form):
    """Where to send the link."""

    email = Email(_l("Uw e-mailadres"), [required(_l("Vul uw e-mailadres in."))])


class CodeForm(Form):
    """The six figures that the authenticator shows."""

    code = Text(_l("Code van 6 cijfers"), [required(_l("Vul de code in.")), at_most(20)])

    def refuse(self) -> None:
        """Say at the field that the code is wrong, unless something else is wrong with it."""
        if not self.code.errors:
            self.code.errors = [_("Deze code klopt niet of is al gebruikt. Wacht op de volgende code en vul die in.")]


class ProofForm(CodeForm):
    """The same figures, under a name that no other form has: they travel with the form of a weighty act."""

    FIELD = "bewijs"

    code = Text(_l("Code van 6 cijfers"), [required(_l("Vul de code in.")), at_most(20)], name=FIELD, id=FIELD)


class NameForm(VersionedForm):
    """How somebody wants to be called, if at all."""

    name = PublicName(_l("Uw naam op de site"), [Optional(), at_most(80)])


class ProfileForm(NameForm):
    """What somebody may change about the own account."""

    language = RadioField(_l("Taal van onze mail"), [required()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the languages of the site."""
        super().__init__(*args, **kwargs)
        self.language.choices = [SelectChoice(code, NAMES.get(code, code)) for code in current_app.config["LANGUAGES"]]


class PublishingForm(Form):
    """A form by which something of a person becomes public: once for each account it asks whether they may do that.

    `leeftijd` is None for who said so before, and for visitors: those are asked on the page behind their mailed link,
    which passes `asks`, as they are not signed in there yet.
    Which of the two was chosen is not kept.
    """

    FIELD = "leeftijd"

    leeftijd = RadioField(
        _l("Hoe oud bent u?"),
        [required(_l("Kies wat voor u klopt. Jonger dan 12? Vraag een volwassene om dit voor u te plaatsen."))],
        choices=[
            SelectChoice("16", _l("Ik ben 16 jaar of ouder")),
            SelectChoice("12", _l("Ik ben 12 tot en met 15 jaar, en mijn ouder of verzorger vindt dit goed")),
        ],
    )

    def __init__(self, *args: Any, asks: bool | None = None, **kwargs: Any) -> None:
        """Leave out what is known, or asked later; `asks` is for a page that knows whom it speaks to."""
        super().__init__(*args, **kwargs)
        signed_in = bool(current_user and current_user.is_authenticated)
        if not (signed_in and not current_user.may_publish_at if asks is None else asks):
            del self.leeftijd


class DeleteForm(Form):
    """A second thought before the account goes."""

    sure = BooleanField(
        _l("Ja, verwijder mijn account"), [required(_l("Zet een vinkje als u uw account wilt verwijderen."))]
    )


class AddPersonForm(Form):
    """Somebody who may have to get a role."""

    email = Email(_l("E-mailadres"), [required(_l("Vul een e-mailadres in."))])


class EraseForm(Form):
    """Why the details of an entry of the log have to go."""

    reason = LongText(_l("Reden"), [required(_l("Vul in waarom deze gegevens weg moeten.")), at_most(300)])


class GrantForm(VersionedForm):
    """A role and where it holds; `area` is the place that was meant, once the form is valid."""

    role = SelectField(_l("Taak"), [required(_l("Kies een taak."))], choices=ROLE_CHOICES)
    place = Text(_l("Gebied"), [required(_l("Vul een gebied in.")), at_most(120)])
    area: Area

    def validate_place(self, field: Field) -> None:
        """Find the one area that was meant."""
        found = areas_called(db.session(), field.data)
        if not found:
            refuse(_l("Dit gebied kennen wij niet. Vul een naam of code in, bijvoorbeeld West of E."))
        if len(found) > 1:
            known = ", ".join(f"{area.code} ({area.level.value})" for area in found)
            refuse(_l("Er zijn meer gebieden met deze naam. Vul een code in: %(codes)s.", codes=known))
        self.area = found[0]
