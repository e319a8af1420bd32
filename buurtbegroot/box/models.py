"""Tables of a ballot box: its public keys and the envelopes in it; nothing here leads to a person."""

from sqlalchemy import Dialect, ForeignKey, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator

from buurtbegroot.database import Model
from buurtbegroot.guards import ALWAYS, Guard, attach_guards, round_has
from buurtbegroot.rounds.models import FROZEN_TEXT, OPENED, Round
from buurtbegroot.vouching import Part, vouch


class TwoBytes(TypeDecorator[int]):
    """A number of two bytes: databases write small integers in fewer, and then the length of a row tells."""

    impl = LargeBinary(2)
    cache_ok = True

    def process_bind_param(self, value: int | None, _dialect: Dialect) -> bytes | None:
        """Write the number, the highest byte first."""
        return None if value is None else value.to_bytes(2, "big")

    def process_result_value(self, value: bytes | None, _dialect: Dialect) -> int | None:
        """Read it back."""
        return None if value is None else int.from_bytes(value, "big")


class Booth(Model):
    """The public keys and, from the opening on, the frozen manifest of a vote."""

    __tablename__ = "booth"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary(16))
    sealing_public: Mapped[bytes] = mapped_column(LargeBinary(32))
    signing_public: Mapped[bytes] = mapped_column(LargeBinary(32))
    manifest: Mapped[str] = mapped_column(Text, default="")
    manifest_hash: Mapped[bytes] = mapped_column(LargeBinary(32), default=b"")

    round: Mapped[Round] = relationship()


class Pulse(Model):
    """The minute, since 1970, in which this database was last alive for a vote; then it comes beside the keys.

    A database that lacks it, or has a lower one than lies there, was put back. `request_id` is the request of the two
    people who last said how a vote goes on that was put back.
    """

    __tablename__ = "box_pulse"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    minute: Mapped[int]
    request_id: Mapped[int | None] = mapped_column(ForeignKey("dual_request.id"))


class SealedBallot(Model):
    """One row of the ballot box: no id, no time, no voter; the locator comes from the code and a key kept elsewhere.

    All rows of a round are equally long. `rev` counts the ballots of this voter; by `mark` a form sent again is known.
    """

    __tablename__ = "ballot_box"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    locator: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    rev: Mapped[int] = mapped_column(TwoBytes)
    mark: Mapped[bytes] = mapped_column(LargeBinary(32))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    receipt_ct: Mapped[bytes] = mapped_column(LargeBinary)


class SupersededBallot(Model):
    """An envelope that its voter replaced by another, by its SHA-256; nothing leads from here to that other one."""

    __tablename__ = "superseded_ballot"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


# The rows of a box have no guard: whatever is done to them, what counts follows from the envelopes.
GUARDS = (
    Guard("booth", "UPDATE", round_has(OPENED, "OLD"), FROZEN_TEXT),
    Guard("booth", "DELETE", round_has(OPENED, "OLD"), FROZEN_TEXT),
    Guard(
        "box_pulse",
        "UPDATE",
        "NEW.round_id <> OLD.round_id OR NEW.minute < OLD.minute"
        " OR COALESCE(NEW.request_id, 0) < COALESCE(OLD.request_id, 0)",
        "frozen: the pulse of a vote only rises",
    ),
    Guard("box_pulse", "DELETE", ALWAYS, "frozen: the pulse of a vote only rises"),
)

attach_guards(Model.metadata, GUARDS)
vouch(
    Model.metadata,
    Part(kind="round", table=Booth.__table__, key="round_id", where=Booth.manifest != ""),  # keys come before it
)
