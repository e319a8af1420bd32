"""The log's tables: chained entries, their points and payloads, and what was signed of them."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from buurtbegroot.audit import triggers
from buurtbegroot.audit.events import PERSONAL
from buurtbegroot.core.audit_chain import Entry, entry_hash
from buurtbegroot.database import Model
from buurtbegroot.guards import attach_guards


class AuditEntry(Model):
    """One event: all that is hashed, plus the hash itself; never updated, never deleted (a trigger refuses both).

    `state` is the fingerprint of what the entry is about, as it was left (see vouching); empty where there is none.
    `mark` shows to whoever has the key of the site that the program wrote the entry.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_object", "object", "seq"), Index("ix_audit_entry_action", "action", "seq"))

    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    minute: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(40))
    role: Mapped[str] = mapped_column(String(40))
    action: Mapped[str] = mapped_column(String(80))
    object: Mapped[str] = mapped_column(String(80))
    points: Mapped[list[str]] = mapped_column(JSON)
    payload_commitment: Mapped[str] = mapped_column(String(64))
    prev: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(64), default="")
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    mark: Mapped[str] = mapped_column(String(64))

    details: Mapped["AuditPayload | None"] = relationship(viewonly=True, lazy="joined")
    withheld: Mapped["AuditWithheld | None"] = relationship(viewonly=True, lazy="joined")
    tied: Mapped[list["AuditPoint"]] = relationship(viewonly=True)

    @classmethod
    def of(cls, entry: Entry, *, mark: str) -> "AuditEntry":
        """Return the row of an entry, whose seconds nobody keeps."""
        role, _colon, pseudonym = entry.actor.partition(":")
        return cls(
            seq=entry.seq,
            minute=datetime.fromisoformat(entry.minute),
            actor=pseudonym,
            role=role,
            action=entry.action,
            object=entry.object,
            points=list(entry.accord),
            payload_commitment=entry.payload.hex(),
            prev=entry.prev.hex(),
            state=entry.state.hex(),
            hash=entry_hash(entry).hex(),
            mark=mark,
        )

    @property
    def public_payload(self) -> dict[str, Any] | None:
        """What everyone may read of the payload, whatever its shape; None when it was erased or is withheld."""
        if self.details is None or self.withheld:
            return None
        payload = _readable(self.details.payload)
        known = payload if isinstance(payload, dict) else {"payload": payload}
        return {key: value for key, value in known.items() if key != PERSONAL}

    @property
    def is_public(self) -> bool:
        """Whether everyone may read the whole payload, so that they can compute its commitment."""
        payload: object = self.details and self.details.payload
        is_there = self.details is not None and not self.withheld
        return is_there and not (isinstance(payload, dict) and PERSONAL in payload)


def _readable(payload: object) -> Any:
    """Return JSON without the halves of letters that it can hold and no page can show."""
    return json.loads(json.dumps(payload, ensure_ascii=False).encode("utf-8", "replace"))


class AuditPayload(Model):
    """What an entry says beyond its headline; deleting the row erases it, the commitment in the chain stays."""

    __tablename__ = "audit_payload"

    seq: Mapped[int] = mapped_column(ForeignKey("audit_entry.seq"), primary_key=True)
    salt: Mapped[str] = mapped_column(String(32))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)


class AuditWithheld(Model):
    """What an entry says is shown to nobody as long as this row is there; its payload and commitment stay.

    `for_good` once the words that it tells were replaced while they were hidden: then they are never shown again.
    """

    __tablename__ = "audit_withheld"

    seq: Mapped[int] = mapped_column(ForeignKey("audit_entry.seq"), primary_key=True)
    for_good: Mapped[bool] = mapped_column(default=False)


class AuditPoint(Model):
    """Which accord points an entry is tied to, for finding them."""

    __tablename__ = "audit_point"

    number: Mapped[int] = mapped_column(primary_key=True)
    edition: Mapped[str] = mapped_column(String(40), primary_key=True)
    seq: Mapped[int] = mapped_column(ForeignKey("audit_entry.seq"), primary_key=True)

    @classmethod
    def of(cls, name: str, seq: int) -> "AuditPoint":
        """Return the row for a name such as 2019_3; raises ValueError."""
        edition, _between, number = name.rpartition("_")
        return cls(number=int(number), edition=edition, seq=seq)

    @property
    def name(self) -> str:
        """The point as the entry names it."""
        return f"{self.edition}_{self.number}"


class AuditHead(Model):
    """The one row that appending locks: the last entry's number and hash."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(Text)


class AuditCheckpoint(Model):
    """A signed size of the log, as it was given away; a larger one never contradicts a smaller one."""

    __tablename__ = "audit_checkpoint"

    size: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    note: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]

    cosignatures: Mapped[list["AuditCosignature"]] = relationship(viewonly=True, order_by="AuditCosignature.witness")

    @property
    def cosigned(self) -> str:
        """The note with the signatures of all witnesses under ours."""
        return self.note + "".join(each.line for each in self.cosignatures)


class AuditCosignature(Model):
    """The signature line of a witness under a checkpoint."""

    __tablename__ = "audit_cosignature"

    size: Mapped[int] = mapped_column(ForeignKey("audit_checkpoint.size"), primary_key=True)
    witness: Mapped[str] = mapped_column(String(400), primary_key=True)
    line: Mapped[str] = mapped_column(Text)


attach_guards(Model.metadata, triggers.GUARDS)
