"""Reading a ballot box: whether it is open, under which manifest, and what lies in it; nothing here writes."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from buurtbegroot.acts import insist
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.box.domain.anchors import Folder, KeysFault
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.domain.manifest import BallotPaper, read_paper
from buurtbegroot.box.events import BoxSealed, PlanWithdrawn
from buurtbegroot.box.models import Booth, Pulse, SealedBallot, SupersededBallot
from buurtbegroot.core.plan_texts import plans_json, read_plans
from buurtbegroot.database import UTCDateTime
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.rounds.models import PhaseWindow, Round
from buurtbegroot.rounds.queries import box_takes_votes, round_key

AT_ONCE = 1_000


class OpenBox(NamedTuple):
    """A ballot box that takes votes at this moment; `minute` is its pulse."""

    round_id: int
    manifest_hash: bytes
    minute: int


def open_box(session: Session, round_id: int, now: datetime, *, keys: KeyStore) -> OpenBox | None:
    """Lock the round for sharing and return its ballot box, or None when it takes no votes now.

    Raises RefusedError when the database was put back and two people did not yet say how the vote goes on.
    """
    alive = keys.pulse(round_id)  # read before the database, which has each minute first
    row = session.execute(_OPEN_BOX, {"round": round_id, "now": now}).one_or_none()
    found = OpenBox(*row) if row else None
    insist(found is None or found.minute >= alive, KeysFault.PUT_BACK)
    return found


def is_put_back(session: Session, round_id: int, *, keys: KeyStore) -> bool:
    """Tell whether the database is older than the files of this vote: a backup, of which ballots may be missing."""
    alive = keys.pulse(round_id)
    return (session.scalar(select(Pulse.minute).where(Pulse.round_id == round_id)) or 0) < alive


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


def withdrawn_plans(config: Mapping[str, Any], round_id: int) -> Mapping[int, str]:
    """Return the plans that were taken off the open ballot of a round, by id in that order, and why.

    That is what the trusted values say, of which the settings tell where they lie. Raises KeyFileError.
    """
    return KeyStore.from_config(config).anchors(round_id).withdrawn


def off_ballot(config: Mapping[str, Any], rounds: Iterable[int]) -> frozenset[int]:
    """Return the plans that were taken off the open ballot of any of these rounds, by id. Raises KeyFileError."""
    return frozenset(plan for round_id in set(rounds) for plan in withdrawn_plans(config, round_id))


def revision_at(session: Session, round_id: int, place: bytes) -> int:
    """Return the revision of the ballot that lies at a place of the box, 0 without one."""
    return session.scalar(_REVISION, {"round": round_id, "place": place}) or 0


def envelopes_in(session: Session, round_id: int) -> Iterator[bytes]:
    """Yield all envelopes of a round, replaced ones as well, a thousand at a time, in an order that means nothing.

    The box comes first: an envelope that is replaced meanwhile is then found among the replaced ones.
    """
    for table in (SealedBallot, SupersededBallot):
        rows = select(table.sealed).where(table.round_id == round_id)
        with closing(session.scalars(rows.execution_options(yield_per=AT_ONCE))) as found:
            for sealed in found:  # SQLite keeps whatever is put there
                yield sealed if isinstance(sealed, bytes) else str(sealed).encode()


def logged(session: Session, round_: Round, event: type[BoxSealed | PlanWithdrawn]) -> int:
    """Return of how many night seals, or withdrawn plans, of a round the log tells."""
    told = (AuditEntry.object == round_key(round_), AuditEntry.action == event.name)
    return session.scalar(select(func.count()).select_from(AuditEntry).where(*told)) or 0


# Put together once: building a statement takes longer than running it, and every ballot needs these.
_OPEN_BOX = (
    select(Booth.round_id, Booth.manifest_hash, func.coalesce(Pulse.minute, 0))
    .join(Round, Round.id == Booth.round_id)
    .outerjoin(Pulse, Pulse.round_id == Round.id)
    .join(PhaseWindow, PhaseWindow.round_id == Round.id)
    .where(Round.id == bindparam("round"), *box_takes_votes(bindparam("now", type_=UTCDateTime)))
    .with_for_update(read=True, of=Round)
)
_REVISION = select(SealedBallot.rev).where(
    SealedBallot.round_id == bindparam("round"), SealedBallot.locator == bindparam("place")
)
_papers: dict[tuple[int, bytes], BallotPaper] = {}


def published_plans(session: Session, folder: Folder) -> bytes:
    """Return plans.json as everyone may have it now: without the plans of which a moderator hid words.

    Raises FileNotFoundError when it is not there.
    """
    known = read_plans(folder.plans.read_bytes())
    hidden = select(Proposal.id).where(Proposal.id.in_(known), Proposal.hidden_at.is_not(None))
    left_out = set(session.scalars(hidden))
    return plans_json({plan: texts for plan, texts in known.items() if plan not in left_out})
