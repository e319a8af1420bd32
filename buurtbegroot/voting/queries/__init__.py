"""Reading the vote: the open box, the registry, the log and what stands on the ballot; nothing here writes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Select, and_, bindparam, exists, func, select
from sqlalchemy.orm import Session, contains_eager, load_only

from buurtbegroot.areas.models import Area
from buurtbegroot.core.credentials import locator, receipt_key
from buurtbegroot.core.phases import Phase, Window
from buurtbegroot.core.standing import Standing, standing_at
from buurtbegroot.database import UTCDateTime
from buurtbegroot.dual_control.models import DualRequest, State
from buurtbegroot.proposals.models import Proposal, ProposalStatus
from buurtbegroot.proposals.queries.shuffle import shuffled
from buurtbegroot.rounds.models import PhaseWindow, Round, Theme
from buurtbegroot.rounds.queries import MOMENTS, box_takes_votes
from buurtbegroot.voting.manifest import BallotPaper, read_paper
from buurtbegroot.voting.models import (
    Booth,
    Checkpoint,
    CodeBatch,
    CodePool,
    CodeStatus,
    CodeVoid,
    LogLeaf,
    PoolCode,
    PoolDraw,
    RegisteredCode,
)


class OpenBox(NamedTuple):
    """A ballot box that takes votes at this moment."""

    round_id: int
    manifest_hash: bytes


class ReceiptSecrets(NamedTuple):
    """Where the ballot of a code lies, and what opens its receipt."""

    locator: bytes
    receipt_key: bytes


class VotingRound(NamedTuple):
    """A published round as the booth knows it; from when until when one can vote is None while that is not settled.

    `areas_changed_at` is when an area last got another name.
    """

    id: int
    slug: str
    title: str
    fingerprint: str
    published_at: datetime | None
    opened_at: datetime | None
    closed_at: datetime | None
    certified_at: datetime | None
    envelopes: int | None
    begins_at: datetime | None
    ends_at: datetime | None
    areas_changed_at: datetime | None

    def standing(self, now: datetime) -> Standing:
        """Return how far the round is, as the booth needs to know: by the time for voting alone."""
        if self.begins_at is None or self.ends_at is None:
            return standing_at((), self, now)
        return standing_at((Window(Phase.VOTING, self.begins_at, self.ends_at),), self, now)


class ListedPlan(NamedTuple):
    """A plan as the ballot page shows it; `search` holds its folded words."""

    id: int
    number: int
    title: str
    cost_cents: int
    theme: str | None
    buurt: str | None
    scene: str
    search: str
    language: str


@dataclass(frozen=True)
class CodeCounts:
    """How many codes of a round may vote, are void, or wait as spares."""

    active: int = 0
    void: int = 0
    spare: int = 0

    @property
    def total(self) -> int:
        """All codes in the registry."""
        return self.active + self.void + self.spare


class VoidCounts(NamedTuple):
    """How many codes two people made void, and how many spares took their place: never more."""

    voids: int
    replaced: int


def round_name(round_id: int) -> bytes:
    """Return the round's identifier in everything that is hashed and signed; unlike the slug it never changes."""
    return str(round_id).encode("ascii")


def receipt_secrets(link_key: bytes, k: bytes) -> ReceiptSecrets:
    """Return place and receipt key of a code."""
    return ReceiptSecrets(locator(link_key, k), receipt_key(link_key, k))


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


def voting_round(session: Session, slug: str) -> VotingRound | None:
    """Return a published round, or None."""
    found = session.connection().execute(_VOTING_ROUND, {"slug": slug}).one_or_none()
    return VotingRound._make(found) if found else None


def open_rounds(session: Session, now: datetime) -> Sequence[Round]:
    """Return the rounds whose ballot box takes votes now, by title."""
    rows = select(Round).join(PhaseWindow, PhaseWindow.round_id == Round.id).where(*box_takes_votes(now))
    return session.scalars(rows.order_by(Round.title)).all()


def listed_plans(session: Session, round_: VotingRound, *, seed: int) -> list[ListedPlan]:
    """Return the plans on the ballot of an opened vote in the order that belongs to a visitor's seed.

    The database is asked only once in a process: nothing on an opened ballot can change but the names of areas.
    """
    version = round_.fingerprint, round_.areas_changed_at
    kept = _listed.get(round_.id)
    if kept is None or kept[0] != version:
        rows = session.connection().execute(_LISTED, {"round": round_.id})
        kept = _listed[round_.id] = version, tuple(map(ListedPlan._make, rows))
    key = shuffled(seed)
    return sorted(kept[1], key=lambda plan: (key(plan.id), plan.id))


def area_names(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """Return the names of areas by code."""
    rows = session.scalars(select(Area).where(Area.code.in_(list(codes))).options(load_only(Area.name)))
    return {area.code: area.name for area in rows}


def code_status(session: Session, round_id: int, c: bytes) -> CodeStatus | None:
    """Return the status of a commitment in the registry, None when it is not there."""
    return session.scalar(_CODE_STATUS, {"round": round_id, "commitment": c})


def code_counts(session: Session, round_id: int) -> CodeCounts:
    """Count the registry of a round."""
    rows = select(RegisteredCode.status, func.count()).where(RegisteredCode.round_id == round_id)
    return CodeCounts(**{status.value: n for status, n in session.execute(rows.group_by(RegisteredCode.status))})


def pool_of(session: Session, round_id: int) -> CodePool | None:
    """Return the account pool of a round, or None when it has none."""
    return session.get(CodePool, round_id)


class WaysToCode(NamedTuple):
    """How people come by a code of a round."""

    letter: bool
    account: bool


def ways_to_code(session: Session, round_id: int) -> WaysToCode:
    """Tell how people come by a code of a round, in one query."""
    by_letter, by_account = (exists().where(table.round_id == round_id) for table in (CodeBatch, CodePool))
    letter, account = session.execute(select(by_letter, by_account)).one()
    return WaysToCode(letter=letter, account=account)


def has_waiting_code(session: Session, round_id: int) -> bool:
    """Tell whether the pool has a code left to draw."""
    return session.scalar(select(PoolCode.round_id).where(PoolCode.round_id == round_id).limit(1)) is not None


def has_drawn(session: Session, round_id: int, account: bytes) -> bool:
    """Tell whether the account behind a mark drew a code; which one nobody knows."""
    return session.get(PoolDraw, (round_id, account)) is not None


def draws_per_day(session: Session, round_id: int) -> Sequence[tuple[date, int]]:
    """Return how many codes were drawn on each day that any was, the latest first; nobody's name is known."""
    days = select(PoolDraw.day, func.count()).where(PoolDraw.round_id == round_id).group_by(PoolDraw.day)
    return [(day, number) for day, number in session.execute(days.order_by(PoolDraw.day.desc()).limit(100))]


def voids_in(round_id: int) -> Select[CodeVoid]:
    """Return a select of what is asked and done about lost letters: what still waits first, then the latest."""
    rows = select(CodeVoid).join(CodeVoid.request).options(contains_eager(CodeVoid.request))
    told = rows.where(CodeVoid.round_id == round_id, DualRequest.state.in_((State.OPEN, State.CONFIRMED)))
    return told.order_by(DualRequest.ended_at.is_not(None), DualRequest.requested_at.desc(), CodeVoid.commitment)


def void_counts(session: Session, round_id: int) -> VoidCounts:
    """Count the codes that two people made void and the spares that took their place."""
    rows = select(func.count(), func.count(CodeVoid.spare)).select_from(CodeVoid).join(CodeVoid.request)
    done = rows.where(CodeVoid.round_id == round_id, DualRequest.state == State.CONFIRMED)
    return VoidCounts(*session.execute(done).one())


def void_codes(session: Session, round_id: int) -> Sequence[bytes]:
    """Return the commitments of all void codes in rising order."""
    mine = (RegisteredCode.round_id == round_id, RegisteredCode.status == CodeStatus.VOID)
    return session.scalars(select(RegisteredCode.commitment).where(*mine).order_by(RegisteredCode.commitment)).all()


def registry_of(session: Session, round_id: int) -> Sequence[bytes]:
    """Return all commitments of a round in rising order."""
    rows = select(RegisteredCode.commitment).where(RegisteredCode.round_id == round_id)
    return session.scalars(rows.order_by(RegisteredCode.commitment)).all()


def batches_of(session: Session, round_id: int) -> Sequence[CodeBatch]:
    """Return the batches of codes, the latest first."""
    rows = select(CodeBatch).where(CodeBatch.round_id == round_id)
    return session.scalars(rows.order_by(CodeBatch.number.desc())).all()


def next_batch(session: Session, round_id: int) -> int:
    """Return the number of the batch of codes that comes next, from 1."""
    return (session.scalar(select(func.max(CodeBatch.number)).where(CodeBatch.round_id == round_id)) or 0) + 1


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


# Put together once: building a statement takes longer than running it, and every ballot needs these.
_VOTING_ROUND = (
    select(
        Round.id,
        Round.slug,
        Round.title,
        Round.fingerprint,
        *MOMENTS,
        PhaseWindow.begins_at,
        PhaseWindow.ends_at,
        select(func.max(Area.changed_at)).scalar_subquery(),
    )
    .outerjoin(PhaseWindow, and_(PhaseWindow.round_id == Round.id, PhaseWindow.phase == Phase.VOTING))
    .where(Round.slug == bindparam("slug"), Round.published_at.is_not(None))
)
_LISTED = (
    select(
        Proposal.id,
        Proposal.number,
        Proposal.title,
        Proposal.cost_cents,
        Theme.name,
        Area.name,
        func.coalesce(func.nullif(Proposal.scene, ""), Theme.scene, ""),
        Proposal.search,
        Proposal.language,
    )
    .outerjoin(Theme, Theme.id == Proposal.theme_id)
    .outerjoin(Area, Area.code == Proposal.buurt_code)
    .where(Proposal.round_id == bindparam("round"), Proposal.status == ProposalStatus.ADMITTED)
)
_OPEN_BOX = (
    select(Booth.round_id, Booth.manifest_hash)
    .join(Round, Round.id == Booth.round_id)
    .join(PhaseWindow, PhaseWindow.round_id == Round.id)
    .where(Round.id == bindparam("round"), *box_takes_votes(bindparam("now", type_=UTCDateTime)))
    .with_for_update(read=True, of=Round)
)
_CODE_STATUS = select(RegisteredCode.status).where(
    RegisteredCode.round_id == bindparam("round"), RegisteredCode.commitment == bindparam("commitment")
)
_papers: dict[tuple[int, bytes], BallotPaper] = {}
_listed: dict[int, tuple[tuple[str, datetime | None], tuple[ListedPlan, ...]]] = {}
