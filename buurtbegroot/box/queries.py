"""Reading a ballot box: whether it is open, under which manifest, and its log; nothing here writes."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from buurtbegroot.box.domain.manifest import BallotPaper, read_paper
from buurtbegroot.box.models import Booth, Checkpoint, LogLeaf
from buurtbegroot.database import UTCDateTime
from buurtbegroot.rounds.models import PhaseWindow, Round
from buurtbegroot.rounds.queries import box_takes_votes


class OpenBox(NamedTuple):
    """A ballot box that takes votes at this moment."""

    round_id: int
    manifest_hash: bytes


def open_box(session: Session, round_id: int, now: datetime) -> OpenBox | None:
    """Lock the round for sharing and return its ballot box, or None when it takes no votes now."""
    found = session.execute(_OPEN_BOX, {"round": round_id, "now": now}).one_or_none()
    return OpenBox(*found) if found else None


def booth_of(session: Session, round_id: int) -> Booth | None:
    """Return the booth of a round, or None before its first codes are made."""
    return session.get(Booth, round_id)


def paper_of(session: Session, round_id: int, fingerprint: bytes) -> BallotPaper:
    """Return the frozen rules and plans of an opened vote, from the database only when this process saw it never."""
    found = _papers.get((round_id, fingerprint))
    if found is None:
        manifest = session.scalars(select(Booth.manifest).where(Booth.round_id == round_id)).one()
        found = _papers[round_id, fingerprint] = read_paper(manifest)
    return found


def log_size(session: Session, round_id: int) -> int:
    """Return the number of published leaves."""
    return session.scalar(select(func.count()).select_from(LogLeaf).where(LogLeaf.round_id == round_id)) or 0


def log_leaves(session: Session, round_id: int) -> Sequence[bytes]:
    """Return the published leaves in the order of the log."""
    rows = select(LogLeaf.leaf).where(LogLeaf.round_id == round_id)
    return session.scalars(rows.order_by(LogLeaf.position)).all()


def checkpoints_of(session: Session, round_id: int) -> Sequence[Checkpoint]:
    """Return the last hundred signed checkpoints, the latest first."""
    rows = select(Checkpoint).where(Checkpoint.round_id == round_id)
    return session.scalars(rows.order_by(Checkpoint.size.desc()).limit(100)).all()


def last_checkpoint_size(session: Session, round_id: int) -> int:
    """Return the size of the log at its last checkpoint, -1 before the first."""
    size = session.scalar(select(func.max(Checkpoint.size)).where(Checkpoint.round_id == round_id))
    return -1 if size is None else size


def rounds_to_publish(session: Session) -> Sequence[Round]:
    """Return the opened rounds whose outcome is not final: their logs may have to grow or to be signed."""
    return session.scalars(select(Round).where(Round.opened_at.is_not(None), Round.certified_at.is_(None))).all()


# Put together once: building a statement takes longer than running it, and every ballot needs it.
_OPEN_BOX = (
    select(Booth.round_id, Booth.manifest_hash)
    .join(Round, Round.id == Booth.round_id)
    .join(PhaseWindow, PhaseWindow.round_id == Round.id)
    .where(Round.id == bindparam("round"), *box_takes_votes(bindparam("now", type_=UTCDateTime)))
    .with_for_update(read=True, of=Round)
)
_papers: dict[tuple[int, bytes], BallotPaper] = {}
