"""What guards refuse, done all the same by a test that needs it."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from buurtbegroot.database import Model
from buurtbegroot.guards import drop_guards, make_guards


@contextmanager
def unguarded(session: Session) -> Iterator[None]:
    """Let what is written inside pass the guards, which stand again afterwards."""
    drop_guards(session.connection())
    yield
    session.flush()
    make_guards(session.connection(), Model.metadata)
