"""What a form asks of a visitor, last of all: where to mail the link."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import HiddenField

from buurtbegroot.accounts.forms import Email
from buurtbegroot.web.fields import Form, at_most, required


class VisitorForm(Form):
    """A form that visitors fill in too: it asks them for an address, and nobody who is signed in.

    A form of a room adds its own fields; `form.mailadres` is None for who is signed in. `wachtend` is the key of what
    waits already and is being changed.
    """

    mailadres = Email(_l("Uw e-mailadres"), [required(_l("Vul uw e-mailadres in."))])
    wachtend = HiddenField(validators=[at_most(64)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Leave out what only visitors are asked."""
        super().__init__(*args, **kwargs)
        if current_user and current_user.is_authenticated:
            del self.mailadres, self.wachtend

    def problems(self) -> list[tuple[str, str]]:
        """Return (field id, message) for each error; the address comes last, as on the page."""
        return sorted(super().problems(), key=lambda problem: problem[0] == "mailadres")


class AddressForm(Form):
    """Where to mail the link again."""

    mailadres = Email(_l("Uw e-mailadres"), [required(_l("Vul uw e-mailadres in."))])
