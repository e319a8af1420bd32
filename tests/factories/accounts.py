"""People with and without roles, and the authenticators that they hold."""

import itertools
from datetime import UTC, datetime

import pyotp
from flask import current_app
from sqlalchemy.orm import Session

from buurtbegroot.accounts.domain import Vault
from buurtbegroot.accounts.models import Role, RoleGrant, User

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

_numbers = itertools.count(10_001)  # none that a test counts


def person(session: Session, role: Role | None = None, area_code: str = "E") -> User:
    """Return a resident, or an organiser with one role in one area (which must exist)."""
    number = next(_numbers)
    user = User(
        email=f"mens{number}@example.org",
        name=f"Mens {number}",
        pseudonym=f"m-{number:06d}",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        may_publish_at=datetime(2026, 1, 1, tzinfo=UTC),
        grants=[RoleGrant(role=role, area_code=area_code)] if role else [],
    )
    session.add(user)
    session.flush()
    return user


def tie_authenticator(user: User) -> User:
    """Give the person an authenticator with the secret SECRET; needs an app context."""
    user.totp_secret = Vault.from_config(current_app.config).seal(SECRET, owner=user.pseudonym)
    return user


def code_at(moment: datetime) -> str:
    """Return what that authenticator shows."""
    return pyotp.TOTP(SECRET).at(moment)
