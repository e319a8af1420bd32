"""The form of a file of inhabitants."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf.file import FileField, FileRequired
from wtforms.validators import InputRequired

from buurtbegroot.akkoord.forms import Day
from buurtbegroot.population.actions import EARLIEST
from buurtbegroot.population.domain.population_file import MOST_BYTES, MOST_TOLD, Read, read_population
from buurtbegroot.population.words import problem_words
from buurtbegroot.web.fields import Text, at_most, refuse, required
from buurtbegroot.web.versions import VersionedForm
from buurtbegroot.web.versions.merging import Values


class PopulationForm(VersionedForm):
    """A file of inhabitants, who counted them and of which day that is."""

    bestand = FileField(_l("Bestand met inwoners (CSV)"), [FileRequired(_l("Kies een bestand."))])
    bron = Text(_l("Bron"), [required(_l("Noem de bron: wie telde de inwoners?")), at_most(300)])
    peildatum = Day(_l("Van welke dag zijn de aantallen?"), [InputRequired(_l("Vul een dag in."))])

    def __init__(self, *args: Any, areas: Mapping[str, bool], today: date, **kwargs: Any) -> None:
        """`areas` are those that exist, each with whether the file may have it."""
        super().__init__(*args, **kwargs)
        self.areas, self.today = areas, today
        self.read = Read()

    def shown(self) -> Values:
        """Return nothing: a file is chosen anew."""
        return {}

    def validate_bestand(self, field: FileField) -> None:
        """Read the file into `read`; each fault is told with its line."""
        self.read = read_population(field.data.read(MOST_BYTES + 1), areas=self.areas)
        if self.read.problems:
            more = ngettext("Er is %(num)s fout.", "Er zijn %(num)s fouten.", len(self.read.problems))
            refuse(_("Dit bestand is niet geladen. %(faults)s Verbeter het bestand en kies het opnieuw.", faults=more))

    @property
    def faults(self) -> list[str]:
        """The first faults of the file, in words."""
        return [problem_words(each) for each in self.read.problems[:MOST_TOLD]]

    def validate_peildatum(self, field: Day) -> None:
        """Refuse days that cannot be."""
        if field.data and not EARLIEST <= field.data <= self.today:
            refuse(str(_l("Kies een dag tussen 2000 en vandaag.")))
