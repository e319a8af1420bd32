"""Tables of who may vote: codes, batches, voids and the account pool; nothing here links a person to a code."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from buurtbegroot.database import Id, Model
from buurtbegroot.dual_control.models import DualRequest
from buurtbegroot.guards import ALWAYS, Guard, attach_guards, round_has
from buurtbegroot.rounds.models import FROZEN_TEXT, OPENED
from buurtbegroot.vouching import Part, vouch


class CodeStatus(StrEnum):
    """Whether a registered code may vote; that it voted is not known."""

    ACTIVE = "active"
    VOID = "void"
    SPARE = "spare"


class CodeKind(StrEnum):
    """How a code reaches who votes with it."""

    LETTER = "letter"
    SPARE = "spare"
    POOL = "pool"


class VoidReason(StrEnum):
    """Why a code is made void; no free text, in which names and addresses would end up."""

    LOST = "lost"
    STOLEN = "stolen"
    UNDELIVERED = "undelivered"
    DAMAGED = "damaged"


class CodeBatch(Model):
    """So many codes were issued at once; the codes themselves were shown once and are nowhere."""

    __tablename__ = "code_batch"
    __table_args__ = (UniqueConstraint("round_id", "number"),)

    id: Mapped[Id]
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    number: Mapped[int]
    codes: Mapped[int]
    spares: Mapped[int] = mapped_column(default=0)
    issued_at: Mapped[datetime]


class RegisteredCode(Model):
    """A code that may vote in this round, as the hash of its nullifier."""

    __tablename__ = "registered_code"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    commitment: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    kind: Mapped[CodeKind] = mapped_column(default=CodeKind.LETTER)
    status: Mapped[CodeStatus] = mapped_column(default=CodeStatus.ACTIVE)


class CodeVoid(Model):
    """Which code two people make void; `spare` is the code that takes its place, if any.

    There is no code here and no place in the ballot box: both organisers enter the code, and nothing else finds them.
    """

    __tablename__ = "code_void"
    __table_args__ = (
        ForeignKeyConstraint(
            ["round_id", "commitment"],
            ["registered_code.round_id", "registered_code.commitment"],
            name="fk_code_void_registered_code",
        ),
        Index("ix_code_void_commitment", "round_id", "commitment"),
        Index("ix_code_void_spare", "round_id", "spare"),
    )

    request_id: Mapped[int] = mapped_column(ForeignKey("dual_request.id"), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    commitment: Mapped[bytes] = mapped_column(LargeBinary(32))
    spare: Mapped[bytes | None] = mapped_column(LargeBinary(32))

    request: Mapped[DualRequest] = relationship()


class CodePool(Model):
    """Residents may draw one of so many codes with their account; `drawn` is known from the closing on.

    Of the codes, so many are in `reserve`, for when the vote has to go on from a backup.
    """

    __tablename__ = "code_pool"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    codes: Mapped[int]
    reserve: Mapped[int] = mapped_column(default=0)
    drawn: Mapped[int | None]


class PoolCode(Model):
    """A code that waits in the pool, encrypted under a key kept elsewhere; the row goes when the code is drawn.

    A code of part 0 can be drawn as long as the vote was never restored, one of part 1 after the first time, and so on.
    """

    __tablename__ = "pool_code"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    part: Mapped[int] = mapped_column(default=0)


class PoolDraw(Model):
    """Some account drew a code on a day (UTC): `account` is a keyed hash of its mailbox; which code is not known."""

    __tablename__ = "pool_draw"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    account: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    day: Mapped[date]


_VOIDED = "frozen: a code only changes when two people make it void, and never back"
_OTHER_CODE = "(NEW.commitment <> OLD.commitment OR NEW.round_id <> OLD.round_id OR NEW.kind <> OLD.kind)"
# The only ways in which a code changes, none of them back: two people make it void, a spare takes its place, the codes
# that nobody drew from the pool go when two people close the vote, or all of this is done again after a backup.
_AGREED = "JOIN dual_request ON dual_request.id = code_void.request_id AND dual_request.state = 'confirmed'"
_IS_VOIDED = (
    f"OLD.status = 'active' AND NEW.status = 'void' AND EXISTS (SELECT 1 FROM code_void {_AGREED}"  # noqa: S608
    " WHERE code_void.round_id = OLD.round_id AND code_void.commitment = OLD.commitment)"
)
_TAKES_A_PLACE = (
    f"OLD.status = 'spare' AND NEW.status = 'active' AND EXISTS (SELECT 1 FROM code_void {_AGREED}"  # noqa: S608
    " JOIN registered_code AS lost"
    " ON lost.round_id = code_void.round_id AND lost.commitment = code_void.commitment"
    " WHERE code_void.round_id = OLD.round_id AND code_void.spare = OLD.commitment AND lost.status = 'void')"
)
_CLOSES = (
    "EXISTS (SELECT 1 FROM round JOIN dual_request ON dual_request.object = 'round:' || round.slug"
    " WHERE round.id = OLD.round_id AND dual_request.act = 'close' AND dual_request.state = 'confirmed')"
)
_WAS_NOT_DRAWN = (
    f"OLD.status = 'active' AND NEW.status = 'void' AND {_CLOSES} AND EXISTS"  # noqa: S608
    " (SELECT 1 FROM code_pool WHERE code_pool.round_id = OLD.round_id AND code_pool.drawn IS NULL)"
)
_IS_DONE_AGAIN = (
    "(OLD.status = 'active' AND NEW.status = 'void' OR OLD.status = 'spare' AND NEW.status = 'active') AND EXISTS"
    " (SELECT 1 FROM round JOIN dual_request ON dual_request.object = 'round:' || round.slug"
    " WHERE round.id = OLD.round_id AND dual_request.act = 'restore' AND dual_request.state = 'confirmed' AND"
    " dual_request.id > COALESCE((SELECT request_id FROM box_pulse WHERE box_pulse.round_id = OLD.round_id), 0))"
)
_IS_ASKED = (
    "EXISTS (SELECT 1 FROM dual_request WHERE dual_request.id = NEW.request_id"
    " AND dual_request.act = 'void_code' AND dual_request.state = 'open')"
)
_IS_AGREED = f"({_IS_VOIDED} OR {_TAKES_A_PLACE} OR {_IS_DONE_AGAIN})"
_OTHER_STATUS = (
    f"NEW.status <> OLD.status AND NOT ({_WAS_NOT_DRAWN}) AND"
    f" ({round_has('round.closed_at IS NOT NULL', 'OLD')} OR NOT {_IS_AGREED})"
)
_OTHER_CODES = "(NEW.codes <> OLD.codes OR NEW.reserve <> OLD.reserve)"

GUARDS = (
    Guard("registered_code", "INSERT", round_has(OPENED, "NEW"), FROZEN_TEXT),
    Guard("registered_code", "UPDATE", f"{_OTHER_CODE} AND {round_has(OPENED, 'OLD')} OR {_OTHER_STATUS}", _VOIDED),
    Guard("registered_code", "DELETE", round_has(OPENED, "OLD"), FROZEN_TEXT),
    Guard("code_batch", "INSERT", round_has(OPENED, "NEW"), FROZEN_TEXT),
    Guard("code_batch", "UPDATE", ALWAYS, FROZEN_TEXT),
    Guard("code_batch", "DELETE", ALWAYS, FROZEN_TEXT),
    Guard("code_pool", "INSERT", round_has(OPENED, "NEW"), FROZEN_TEXT),
    Guard(
        "code_pool",
        "UPDATE",
        f"OLD.drawn IS NOT NULL OR {_OTHER_CODES} AND {round_has(OPENED, 'OLD')}",
        FROZEN_TEXT,
    ),
    Guard("code_pool", "DELETE", round_has(OPENED, "OLD"), FROZEN_TEXT),
    Guard("pool_code", "INSERT", round_has(OPENED, "NEW"), FROZEN_TEXT),
    Guard("pool_code", "UPDATE", ALWAYS, FROZEN_TEXT),
    Guard("pool_draw", "INSERT", round_has("round.closed_at IS NOT NULL", "NEW"), FROZEN_TEXT),
    Guard("pool_draw", "UPDATE", ALWAYS, FROZEN_TEXT),
    Guard("pool_draw", "DELETE", f"NOT {_CLOSES}", FROZEN_TEXT),
    Guard("code_void", "INSERT", f"NOT {_IS_ASKED}", _VOIDED),
    Guard("code_void", "UPDATE", ALWAYS, _VOIDED),
    Guard("code_void", "DELETE", ALWAYS, _VOIDED),
)

attach_guards(Model.metadata, GUARDS)
vouch(
    Model.metadata,
    *(Part(kind="round", table=each.__table__, key="round_id") for each in (CodeBatch, CodePool)),
)
