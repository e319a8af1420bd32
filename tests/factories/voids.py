"""Codes that are void without anything else having happened to them."""

from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role
from buurtbegroot.rounds.models import Round
from buurtbegroot.voting.models import CodeStatus, CodeVoid, RegisteredCode, VoidReason
from tests.factories.accounts import person


def mark_void(session: Session, round_: Round, *, now: datetime) -> None:
    """Make every code of a round void and leave the ballots in the box, as somebody at the database could."""
    first, second = (person(session, Role.COORDINATOR, round_.owner_code) for _ in range(2))
    active = (RegisteredCode.round_id == round_.id, RegisteredCode.status == CodeStatus.ACTIVE)
    said = {
        "round_id": round_.id,
        "reason": VoidReason.STOLEN,
        "requested_by_id": first.id,
        "requested_at": now,
        "confirmed_by_id": second.id,
        "confirmed_at": now,
    }
    codes = session.scalars(select(RegisteredCode.commitment).where(*active)).all()
    session.execute(insert(CodeVoid), [{"commitment": c, **said} for c in codes])
    session.execute(update(RegisteredCode).where(*active).values(status=CodeStatus.VOID))
    session.expire_all()
