"""Tables of the vote: the registry, the ballot box and the log of leaves; nothing here links a person to a ballot."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from buurtbegroot.database import Id, Model
from buurtbegroot.dual_control.models import DualRequest
from buurtbegroot.guards import attach_guards
from buurtbegroot.rounds.models import Round
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


class Booth(Model):
    """The public keys and, from the opening on, the frozen manifest of a vote and the signed root of its codes."""

    __tablename__ = "booth"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary(16))
    sealing_public: Mapped[bytes] = mapped_column(LargeBinary(32))
    signing_public: Mapped[bytes] = mapped_column(LargeBinary(32))
    manifest: Mapped[str] = mapped_column(Text, default="")
    manifest_hash: Mapped[bytes] = mapped_column(LargeBinary(32), default=b"")
    codes_note: Mapped[str] = mapped_column(Text, default="")

    round: Mapped[Round] = relationship()


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


class SealedBallot(Model):
    """One row of the ballot box: no id, no time, no voter; the locator comes from the code and a key kept elsewhere."""

    __tablename__ = "ballot_box"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    locator: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    leaf: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    rev: Mapped[int]
    nonce_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    receipt_ct: Mapped[bytes] = mapped_column(LargeBinary)
    published: Mapped[bool] = mapped_column(default=False)


class SupersededLeaf(Model):
    """The leaf of a ballot that its voter replaced or that was voided."""

    __tablename__ = "superseded_leaf"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    leaf: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    published: Mapped[bool] = mapped_column(default=False)


class LogLeaf(Model):
    """A leaf in the public log, in the shuffled order of its batch."""

    __tablename__ = "log_leaf"
    __table_args__ = (UniqueConstraint("round_id", "leaf"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    leaf: Mapped[bytes] = mapped_column(LargeBinary(32))


class Checkpoint(Model):
    """A signed size and root of the log; a larger one never contradicts a smaller one."""

    __tablename__ = "checkpoint"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    size: Mapped[int] = mapped_column(primary_key=True)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    note: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]


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
    Part(kind="round", table=Booth.__table__, key="round_id", where=Booth.manifest != ""),  # keys come before it
    *(Part(kind="round", table=each.__table__, key="round_id") for each in (CodeBatch, CodePool)),
)
