"""The forms in which people write, answer, change what they wrote, and say what they took over."""

from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField
from wtforms.form import BaseForm
from wtforms.validators import AnyOf, StopValidation

from buurtbegroot.accounts.forms import PublishingForm
from buurtbegroot.accounts.models import User
from buurtbegroot.accounts.policy import may_be_called
from buurtbegroot.acts import Anyone
from buurtbegroot.discussion.actions import Remark
from buurtbegroot.discussion.models import Contribution
from buurtbegroot.discussion.models.threads import STANCES, Stance
from buurtbegroot.discussion.words import CHOICES
from buurtbegroot.texts import long_date
from buurtbegroot.waiting.forms import VisitorForm
from buurtbegroot.web.fields import LongText, Text, at_most, refuse, required
from buurtbegroot.web.markdown import plain_words
from buurtbegroot.web.rows import options
from buurtbegroot.web.versions import VersionedForm

LONGEST = 2_000
NOTHING = _l("Schrijf eerst iets.")


class Remarked(LongText):
    """What somebody says, of which a reader sees at least one word or sign."""

    def pre_validate(self, form: BaseForm) -> None:  # noqa: ARG002 - of WTForms
        """Refuse what Markdown shows as nothing, such as an empty quote."""
        if self.data and len(self.data) <= LONGEST and not plain_words(self.data):
            raise StopValidation(str(NOTHING))


class AnswerForm(PublishingForm, VisitorForm):
    """What somebody says, and under which name; a visitor also says where to mail the link."""

    tekst = Remarked(_l("Uw antwoord"), [required(NOTHING), at_most(LONGEST)])
    naam = Text(_l("Uw naam bij dit antwoord"), [required(_l("Vul een naam in.")), at_most(80)])

    def __init__(self, *args: Any, by: User | Anyone, **kwargs: Any) -> None:
        """Begin with the name of the account."""
        self.by = by
        super().__init__(*args, data={"naam": by.name if isinstance(by, User) else ""}, **kwargs)

    def validate_naam(self, field: Text) -> None:
        """Refuse a name that claims an office."""
        _refuse_office(self.by, field)

    def remark(self) -> Remark:
        """Return what was filled in, once it is valid."""
        return Remark(body=self.tekst.data or "", author_name=self.naam.data or "")


class ContributionForm(AnswerForm):
    """What somebody says of a plan or a round, and what it is."""

    soort = RadioField(
        _l("Wat wilt u zeggen?"),
        [
            required(_l("Kies wat u wilt zeggen: voor, tegen, een vraag of een idee.")),
            AnyOf(list(STANCES), message=_l("Kies wat u wilt zeggen: voor, tegen, een vraag of een idee.")),
        ],
        choices=options(CHOICES.items()),
        validate_choice=False,
    )
    tekst = Remarked(_l("Uw reactie"), [required(NOTHING), at_most(LONGEST)])
    naam = Text(_l("Uw naam bij deze reactie"), [required(_l("Vul een naam in.")), at_most(80)])

    def remark(self) -> Remark:
        """Return what was filled in, once it is valid."""
        return Remark(body=self.tekst.data or "", author_name=self.naam.data or "", stance=Stance(self.soort.data))


class EditForm(VersionedForm):
    """The text of one's own contribution or answer, and while that is hidden the name under it."""

    tekst = Remarked(_l("Uw tekst"), [required(NOTHING), at_most(LONGEST)])
    naam = Text(_l("Uw naam bij deze tekst"), [required(_l("Vul een naam in.")), at_most(80)])

    def __init__(self, *, contribution: Contribution, by: User, **kwargs: Any) -> None:
        """Begin with what is stored."""
        self.by = by
        begin = {"tekst": contribution.stored_body, "naam": contribution.stored_author_name}
        super().__init__(version=contribution.version, data=begin, **kwargs)
        if contribution.hidden_at is None:
            del self.naam
        elif not self.naam.raw_data:  # it was hidden after the page was shown, which did not ask for the name
            self.naam.raw_data = [contribution.stored_author_name]
            self.naam.data = contribution.stored_author_name

    def validate_naam(self, field: Text) -> None:
        """Refuse a name that claims an office."""
        _refuse_office(self.by, field)

    @property
    def name(self) -> str:
        """The name that was filled in; "" when the form does not ask it."""
        return (self.naam.data or "") if self.naam else ""


class TakeOverForm(VersionedForm):
    """In which version of the plan something was taken over, and what; no version says that it was not."""

    versie_van_plan = SelectField(_l("In welke versie staat dit?"), validate_choice=False)
    wat = Text(_l("Wat nam u over?"), [at_most(300)])

    def __init__(self, *, contribution: Contribution, versions: list[tuple[int, datetime]], **kwargs: Any) -> None:
        """`versions` are those of the plan as (number, when), the newest first."""
        begin = {"versie_van_plan": str(contribution.taken_in or ""), "wat": contribution.taken_words}
        super().__init__(version=contribution.version, data=begin, **kwargs)
        self.versie_van_plan.choices = [
            ("", _("Niets overgenomen")),
            *((str(one), _said(one, when)) for one, when in versions),
        ]

    def validate_wat(self, field: Text) -> None:
        """Ask for words when a version was chosen."""
        if self.versie_van_plan.data and not field.data:
            refuse(_("Schrijf in één zin wat u overnam."))

    @property
    def chosen(self) -> int | None:
        """The version that was chosen; 0, which no plan has, for what is no number."""
        text = self.versie_van_plan.data or ""
        return None if not text else int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _said(number: int, saved_at: datetime) -> str:
    return str(_("Versie %(number)s, %(day)s", number=number, day=long_date(saved_at)))


def _refuse_office(by: User | Anyone, field: Text) -> None:
    if not may_be_called(by, field.data or ""):
        refuse(_("Deze naam lijkt op die van een organisator. Gebruik uw eigen naam."))
