"""What people read about jobs; why the tasks of a room fail is told by their own words."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from buurtbegroot.acts import Fault
from buurtbegroot.purging import PurgeFault
from buurtbegroot.rooms import FaultWords
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.work.models import Job, JobState
from buurtbegroot.work.queries import is_overdue
from buurtbegroot.work.queue import UNREADABLE, WORKER_DIED


class JobStanding(NamedTuple):
    """How a job stands, for a page: `why` is empty as long as no try failed."""

    job: Job
    why: str
    is_overdue: bool

    @property
    def is_busy(self) -> bool:
        """Whether it goes on by itself."""
        return self.job.state in {JobState.WAITING, JobState.RUNNING}


def job_standing(
    job: Job, reasons: Mapping[Any, object], now: datetime, *, every: timedelta | None = None
) -> JobStanding:
    """Return how a job stands at this moment; `reasons` are those of its task, which comes back `every` so often."""
    why = why_not(job.reason, reasons) if job.reason else ""
    return JobStanding(job, why, is_overdue(job, every=every, now=now))


def why_not(reason: str, reasons: Mapping[Any, object]) -> str:
    """Say why something failed; what no room has words for is named, for whoever reads the log of the server."""
    said = {key.value if isinstance(key, Fault) else key: words for key, words in reasons.items()}
    words = {WORKER_DIED: _DIED, UNREADABLE: _UNREADABLE, "": _DIED, **said}
    return str(words.get(reason, _UNEXPECTED % {"kind": reason}))


def state_words(standing: JobStanding) -> str:
    """Say in a word how a job stands."""
    is_trying = standing.job.state is JobState.WAITING and standing.why
    return str(_TRYING if is_trying else _STATES[standing.job.state])


REFUSALS: FaultWords = {
    PurgeFault.JOURNAL_CLOSED: _l(
        "De tabellen zijn schoon, het journaal van de database niet: de gebruiker van de database mag het niet legen."
        " Geef die gebruiker de rechten die in docs/operations.md staan."
    ),
    PurgeFault.JOURNAL_KEPT: _l(
        "De tabellen zijn schoon, het journaal van de database niet: de server bewaart oude delen ervan, voor een kopie"
        " of een archief."
    ),
}
WHY_NOT_PURGED: Mapping[Any, object] = {
    **REFUSALS,
    "InUseError": _l("De database was te druk: iemand las nog wat er eerst stond."),
    "InsufficientPrivilege": _l("De tabellen zijn niet van de gebruiker van de database."),
}
"""Why what was erased is still on the disk, by the fault or the kind of error."""

_DIED = _l("De server stopte steeds midden in dit werk.")
_UNREADABLE = _l("Wat er gedaan moet worden, is niet te lezen.")
_UNEXPECTED = _l("Er ging iets mis wat niemand had verwacht (%(kind)s). In het log van de server staat meer.")
_TRYING = _l("Lukt nog niet")
_STATES = {
    JobState.WAITING: _l("Wacht"),
    JobState.RUNNING: _l("Bezig"),
    JobState.DONE: _l("Klaar"),
    JobState.FAILED: _l("Niet gelukt"),
}
