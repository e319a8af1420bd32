"""Tables of a ballot box: its public keys, what lies in it and the log of leaves; nothing here leads to a person."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from buurtbegroot.database import Model
from buurtbegroot.guards import ALWAYS, Guard, attach_guards, round_has
from buurtbegroot.rounds.models import FROZEN_TEXT, OPENED, Round
from buurtbegroot.vouching import Part, vouch


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


_GROWS = "append-only: the log is never changed"
_OTHER_LEAF = "(NEW.leaf <> OLD.leaf OR NEW.round_id <> OLD.round_id OR (OLD.published AND NOT NEW.published))"
# The ballot box itself stays writable, since a voter may replace a ballot; what happens to it shows in the log.
GUARDS = (
    Guard("booth", "UPDATE", round_has(OPENED, "OLD"), FROZEN_TEXT),
    Guard("booth", "DELETE", round_has(OPENED, "OLD"), FROZEN_TEXT),
    Guard("superseded_leaf", "UPDATE", _OTHER_LEAF, _GROWS),
    Guard("superseded_leaf", "DELETE", ALWAYS, _GROWS),
    Guard("log_leaf", "UPDATE", ALWAYS, _GROWS),
    Guard("log_leaf", "DELETE", ALWAYS, _GROWS),
    Guard("checkpoint", "UPDATE", ALWAYS, _GROWS),
    Guard("checkpoint", "DELETE", ALWAYS, _GROWS),
)

attach_guards(Model.metadata, GUARDS)
vouch(
    Model.metadata,
    Part(kind="round", table=Booth.__table__, key="round_id", where=Booth.manifest != ""),  # keys come before it
)
