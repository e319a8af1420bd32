"""Consent of two people, without any of what they would have looked at, and what a page showed."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.dual_control.models import DualRequest, State
from buurtbegroot.dual_control.policy import Act
from buurtbegroot.dual_control.queries import act_standing
from tests.pages import Page


def agreed(
    session: Session, act: str, key: str, *, two: tuple[User, User], now: datetime, shown: dict[str, Any] | None = None
) -> DualRequest:
    """Return a request for an act on a thing, made by the first person and confirmed by the second."""
    asked: dict[str, Any] = {"shown": shown or {}, "requested_by_id": two[0].id, "requested_at": now}
    request = DualRequest(act=act, object=key, fingerprint="", **asked)
    session.add(request)
    session.flush()
    confirm_row(session, request, by=two[1], now=now)
    return request


def confirm_row(session: Session, request: DualRequest, *, by: User, now: datetime) -> None:
    """Confirm a request as somebody at the database could."""
    request.state, request.ended_by_id, request.ended_at = State.CONFIRMED, by.id, now
    session.flush()


def shown_now(session: Session, act: Act[Any], thing: Any) -> dict[str, str]:
    """Return what the form for asking carries, also while its page does not offer it: the fingerprint as it is now."""
    return {"gezien": act_standing(session, act, thing).fingerprint}


def seen_on(page: Page) -> dict[str, str]:
    """Return what the form for confirming on a page carries: the fingerprint of what it shows."""
    return {"gezien": page.find(".//input[@name='gezien']")[0].get("value") or ""}
