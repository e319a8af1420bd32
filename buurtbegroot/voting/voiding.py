"""Making the code of a lost letter void: one organiser asks, another one does it, and both enter the code.

The request holds only the commitments of the codes. The place of the ballot follows from the code that the second
person enters and is forgotten at once, so nothing stored ever links a code to a ballot.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.accounts.policy import are_independent
from buurtbegroot.audit.actions import record
from buurtbegroot.core.credentials import commitment, locator, nullifier
from buurtbegroot.rounds.actions.life import about
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import lock_round
from buurtbegroot.voting.events import CodeVoided, VoidRequested, VoidWithdrawn
from buurtbegroot.voting.keys import KeyStore
from buurtbegroot.voting.models import CodeStatus, CodeVoid, RegisteredCode, SealedBallot, SupersededLeaf, VoidReason
from buurtbegroot.voting.queries import code_status, round_name


@dataclass(frozen=True)
class Letters:
    """The key of the code in a lost letter, and that of the spare letter in its place, if any."""

    lost: bytes = field(repr=False)
    spare: bytes | None = field(default=None, repr=False)


class VoidFault(StrEnum):
    """Why a code is not made void."""

    CLOSED = "closed"
    UNKNOWN = "unknown"
    IS_SPARE = "is_spare"
    ALREADY_VOID = "already_void"
    NOT_A_SPARE = "not_a_spare"
    ALREADY_REQUESTED = "already_requested"
    NOT_REQUESTED = "not_requested"
    OTHER_SPARE = "other_spare"
    SAME_PERSON = "same_person"
    NOT_INDEPENDENT = "not_independent"


_MAY_NOT = {None: VoidFault.UNKNOWN, CodeStatus.SPARE: VoidFault.IS_SPARE, CodeStatus.VOID: VoidFault.ALREADY_VOID}


class VoidError(Exception):
    """Nothing became void; `fault` says why."""

    def __init__(self, fault: VoidFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


def request_void(
    session: Session, round_: Round, letters: Letters, *, reason: VoidReason, by: User, now: datetime
) -> CodeVoid:
    """Ask to make the code of a lost letter void; raises VoidError."""
    locked = _lock_open(session, round_)
    c, spare = _commitments(locked, letters)
    _require_kinds(session, locked, c=c, spare=spare)
    if session.get(CodeVoid, (locked.id, c)) is not None:
        raise VoidError(VoidFault.ALREADY_REQUESTED)
    asked = CodeVoid(
        round_id=locked.id, commitment=c, spare=spare, reason=reason, requested_by_id=by.id, requested_at=now
    )
    session.add(asked)
    session.flush()
    record(session, VoidRequested(**about(locked), reason=reason.value), actor=by.actor, now=now)
    return asked


def withdraw_void(session: Session, round_: Round, *, c: bytes, by: User, now: datetime) -> None:
    """Take an unconfirmed request for a commitment back; raises VoidError."""
    locked = lock_round(session, round_.id)
    session.delete(_open_request(session, locked, c))
    session.flush()
    record(session, VoidWithdrawn(**about(locked)), actor=by.actor, now=now)


def confirm_void(
    session: Session, round_: Round, letters: Letters, *, keys: KeyStore, by: User, now: datetime
) -> CodeVoid:
    """Make the code void as the second person: it can vote no more and its ballot leaves the box unopened.

    The lock on the round waits for every cast that is under way and holds off the next, so a ballot of this code is
    either found here or refused afterwards. Casting must not lock the code itself: PostgreSQL would keep, in the rows,
    that the same transaction touched this code and that ballot. Raises VoidError and KeyFileError.
    """
    locked = _lock_open(session, round_)
    c, spare = _commitments(locked, letters)
    link_key = keys.load(locked.id).link_key
    request = _open_request(session, locked, c)
    _require_second_person(request, by)
    if request.spare != spare:
        raise VoidError(VoidFault.OTHER_SPARE)
    _require_kinds(session, locked, c=c, spare=spare)
    request.confirmed_by_id, request.confirmed_at = by.id, now
    session.flush()  # the database lets the codes change from here on, in this order
    _set_status(session, locked.id, c, status=CodeStatus.VOID)
    if spare is not None:
        _set_status(session, locked.id, spare, status=CodeStatus.ACTIVE)
    _take_out(session, locked.id, locator(link_key, letters.lost))
    event = CodeVoided(
        **about(locked), commitment=c.hex(), reason=request.reason.value, replaced=request.spare is not None
    )
    record(session, event, actor=by.actor, now=now)
    return request


def _lock_open(session: Session, round_: Round) -> Round:
    locked = lock_round(session, round_.id)
    if locked.closed_at is not None:
        raise VoidError(VoidFault.CLOSED)
    return locked


def _commitments(round_: Round, letters: Letters) -> tuple[bytes, bytes | None]:
    name = round_name(round_.id)
    spare = commitment(name, nullifier(letters.spare)) if letters.spare else None
    return commitment(name, nullifier(letters.lost)), spare


def _require_kinds(session: Session, round_: Round, *, c: bytes, spare: bytes | None) -> None:
    status = code_status(session, round_.id, c)
    if status is not CodeStatus.ACTIVE:
        raise VoidError(_MAY_NOT[status])
    if spare is not None and code_status(session, round_.id, spare) is not CodeStatus.SPARE:
        raise VoidError(VoidFault.NOT_A_SPARE)


def _open_request(session: Session, round_: Round, c: bytes) -> CodeVoid:
    found = session.get(CodeVoid, (round_.id, c), populate_existing=True)
    if found is None:
        raise VoidError(VoidFault.NOT_REQUESTED)
    if found.confirmed_at is not None:
        raise VoidError(VoidFault.ALREADY_VOID)
    return found


def _require_second_person(request: CodeVoid, by: User) -> None:
    if request.requested_by_id == by.id:
        raise VoidError(VoidFault.SAME_PERSON)
    if not are_independent(request.requested_by, by):
        raise VoidError(VoidFault.NOT_INDEPENDENT)


def _set_status(session: Session, round_id: int, c: bytes, *, status: CodeStatus) -> None:
    mine = (RegisteredCode.round_id == round_id, RegisteredCode.commitment == c)
    session.execute(update(RegisteredCode).where(*mine).values(status=status))


def _take_out(session: Session, round_id: int, place: bytes) -> None:
    """Remove the ballot at this place, if any, and keep its leaf, which its voter was promised to find in the log."""
    mine = (SealedBallot.round_id == round_id, SealedBallot.locator == place)
    taken = delete(SealedBallot).where(*mine).returning(SealedBallot.leaf, SealedBallot.published)
    row = session.execute(taken, execution_options={"synchronize_session": False}).one_or_none()
    if row is not None:
        session.execute(insert(SupersededLeaf).values(round_id=round_id, leaf=row.leaf, published=row.published))
