"""The form of a moderator who hides words."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField
from wtforms.validators import AnyOf

from buurtbegroot.moderation.actions import Hiding
from buurtbegroot.moderation.models import Hideable, Reason
from buurtbegroot.moderation.words import REASONS
from buurtbegroot.web.fields import LongText, at_most, required
from buurtbegroot.web.rows import options
from buurtbegroot.web.versions import VersionedForm


class HidingForm(VersionedForm):
    """Why, in a reason of the list and in words for the maker, and whether the title goes too."""

    reden = RadioField(
        _l("Reden"),
        [required(_l("Kies een reden.")), AnyOf(list(Reason), message=_l("Kies een reden uit de lijst."))],
        choices=options(REASONS.items()),
        validate_choice=False,
    )
    uitleg = LongText(_l("Uitleg voor wie het schreef"), [at_most(1_000)])
    titel = BooleanField(_l("Verberg ook de titel"))

    def __init__(self, *, thing: Hideable, **kwargs: Any) -> None:
        """Begin with what is hidden of the thing now."""
        begin = {"reden": thing.hidden_because, "titel": thing.hides_title} if thing.hidden_at else {}
        super().__init__(version=thing.version, data=begin, **kwargs)

    def to_hiding(self) -> Hiding:
        """Return what is asked, once it is valid."""
        return Hiding(reason=Reason(self.reden.data), explained=self.uitleg.data or "", title_too=self.titel.data)
