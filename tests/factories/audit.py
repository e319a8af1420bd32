"""Lines of the log."""

from datetime import datetime

from sqlalchemy.orm import Session

from buurtbegroot.acts import Actor, Person
from buurtbegroot.audit.actions import record
from buurtbegroot.audit.events import Event, PayloadErased
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.database import Model
from buurtbegroot.vouching import states_of, things_in
from tests.factories import PROGRAM


class Somebody(Person):
    """A person whose account does not matter."""

    def __init__(self, role: str) -> None:
        self._role = role

    @property
    def actor(self) -> Actor:
        return Actor(pseudonym="3f2a", role=self._role)

    @property
    def is_administrator(self) -> bool:
        return self._role == "administrator"


def something_happened(
    session: Session,
    *,
    now: datetime,
    about: str = "round:west",
    points: tuple[str, ...] = (),
    role: str = "",
    event: Event | None = None,
) -> AuditEntry:
    """Record an event (one about an erasure, unless another is given) by the system or by somebody with a role."""
    by = Somebody(role) if role else PROGRAM
    event = event or PayloadErased(object=about, points=points, seq=7, reason="Een naam.")
    return record(session, event, by=by, now=now)


def vouch_for_all(session: Session, *, now: datetime) -> None:
    """Give every thing that stands here without a line of its own one, as if an act had made it."""
    session.flush()
    for thing in things_in(Model.metadata):
        for about in states_of(session, Model.metadata, thing):
            something_happened(session, now=now, about=about)
