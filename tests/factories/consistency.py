"""What `buurtbegroot fsck` finds in a vote that was made by the makers of rows."""

from datetime import datetime

from sqlalchemy.orm import Session

from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.consistency import Found, faults


def found_wrong(session: Session, *, keys: KeyStore, now: datetime) -> list[Found]:
    """Return all faults, but for rows that makers put in the database without a line in the log."""
    session.expire_all()
    found = faults(session, keys=keys, tasks={}, now=now)
    return [each for each in found if not each.what.endswith("has no entry")]
