"""What accounts tells the public log: roles and second factors of organisers; nothing about residents."""

from dataclasses import dataclass
from typing import ClassVar

from buurtbegroot.audit.events import Event


@dataclass(frozen=True, kw_only=True)
class RoleGranted(Event):
    """Somebody got a role in an area."""

    name: ClassVar[str] = "accounts.role_granted"

    role: str
    area_code: str
    area_name: str


@dataclass(frozen=True, kw_only=True)
class RoleRevoked(Event):
    """Somebody lost a role in an area."""

    name: ClassVar[str] = "accounts.role_revoked"

    role: str
    area_code: str
    area_name: str


@dataclass(frozen=True, kw_only=True)
class SecondFactorEnrolled(Event):
    """An organiser tied an authenticator to the account."""

    name: ClassVar[str] = "accounts.second_factor_enrolled"


@dataclass(frozen=True, kw_only=True)
class SecondFactorReset(Event):
    """An administrator took an authenticator off an account, so that a new one can be tied to it."""

    name: ClassVar[str] = "accounts.second_factor_reset"


@dataclass(frozen=True, kw_only=True)
class SessionsEnded(Event):
    """An administrator signed somebody out on every device."""

    name: ClassVar[str] = "accounts.sessions_ended"
