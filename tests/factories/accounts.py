"""People with and without roles."""

import itertools
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role, RoleGrant, User

_numbers = itertools.count(1)


def person(session: Session, role: Role | None = None, area_code: str = "E") -> User:
    """Return a resident, or an organiser with one role in one area (which must exist)."""
    number = next(_numbers)
    user = User(
        email=f"mens{number}@example.org",
        name=f"Mens {number}",
        pseudonym=f"m-{number:06d}",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        grants=[RoleGrant(role=role, area_code=area_code)] if role else [],
    )
    session.add(user)
    session.flush()
    return user
