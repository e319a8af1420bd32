"""Lines of the log."""

from datetime import datetime

from sqlalchemy.orm import Session

from buurtbegroot.acts import SYSTEM_ACTOR, Actor
from buurtbegroot.audit.actions import record
from buurtbegroot.audit.events import Event, PayloadErased
from buurtbegroot.audit.models import AuditEntry


def something_happened(
    session: Session,
    *,
    now: datetime,
    about: str = "round:west",
    points: tuple[int, ...] = (),
    role: str = "",
    event: Event | None = None,
) -> AuditEntry:
    """Record an event (one about an erasure, unless another is given) by the system or by somebody with a role."""
    actor = Actor(pseudonym="3f2a", role=role) if role else SYSTEM_ACTOR
    event = event or PayloadErased(object=about, points=points, seq=7, reason="Een naam.")
    return record(session, event, actor=actor, now=now)
