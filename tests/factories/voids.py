"""Codes that are void without anything else having happened to them."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role
from buurtbegroot.dual_control.models import DualRequest
from buurtbegroot.registry.models import CodeStatus, CodeVoid, RegisteredCode, VoidReason
from buurtbegroot.rounds.models import Round
from tests.factories.accounts import person
from tests.factories.dual_control import confirm_row


def mark_void(session: Session, round_: Round, *, now: datetime) -> None:
    """Make every code of a round void and leave the ballots in the box, as somebody at the database could."""
    first, second = (person(session, Role.COORDINATOR, round_.owner_code) for _ in range(2))
    active = (RegisteredCode.round_id == round_.id, RegisteredCode.status == CodeStatus.ACTIVE)
    for c in session.scalars(select(RegisteredCode.commitment).where(*active)).all():
        request = DualRequest(
            act="void_code",
            object=f"code:{c.hex()}",
            fingerprint="",
            shown={},
            reason=VoidReason.STOLEN.value,
            requested_by_id=first.id,
            requested_at=now,
        )
        session.add(CodeVoid(request=request, round_id=round_.id, commitment=c))
        session.flush()
        confirm_row(session, request, by=second, now=now)
    session.execute(update(RegisteredCode).where(*active).values(status=CodeStatus.VOID))
    session.expire_all()
