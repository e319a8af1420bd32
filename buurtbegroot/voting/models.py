"""Tables of who may vote: codes, batches, voids and the account pool; nothing here links a person to a code."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from buurtbegroot.database import Id, Model
from buurtbegroot.dual_control.models import DualRequest
from buurtbegroot.guards import attach_guards
from buurtbegroot.voting import triggers
from buurtbegroot.vouching import Part, vouch


class CodeStatus(StrEnum):
    """Whether a registered code may vote; that it voted is not known."""

    ACTIVE = "active"
    VOID = "void"
    SPARE = "spare"


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
    """Residents may draw one of so many codes with their account; `drawn` is known from the closing on."""

    __tablename__ = "code_pool"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    codes: Mapped[int]
    drawn: Mapped[int | None]


class PoolCode(Model):
    """A code that waits in the pool, encrypted under a key kept elsewhere; the row goes when the code is drawn."""

    __tablename__ = "pool_code"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)


class PoolDraw(Model):
    """Some account drew a code on a day (UTC): `account` is a keyed hash of its mailbox; which code is not known."""

    __tablename__ = "pool_draw"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    account: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    day: Mapped[date]


attach_guards(Model.metadata, triggers.GUARDS)
vouch(
    Model.metadata,
    *(Part(kind="round", table=each.__table__, key="round_id") for each in (CodeBatch, CodePool)),
)
